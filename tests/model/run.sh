#!/usr/bin/env bash
# Usage: tests/model/run.sh [CHECK]...
# Checks protocol.pml with Spin, every state of it: that the protocol keeps its promises in
# each of the sizes below, and that it breaks one without any of its guards. Ends with how
# many checks passed and failed. A failure that was not expected is told step by step, and so
# is the expected one of a CHECK that is named.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../deploy/local/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/local/lib.sh"

MEMORY_MB_MAX=1900
STEPS_MAX=100000
MODEL=$ROOT_DIR/tests/model/protocol.pml
WORK=$ROOT_DIR/build/model

# Sizes. Two orders want the same money; faults are of any kind, at any step.
WHOLE=(-DFAULTS=2)
CONSUMERS=(-DCONSUMERS=2)
COPIES=(-DCALLS=1 -DTWINS=2 -DRELAYS=2 -DCONSUMERS=2 -DFAULTS=2)
SWEPT=(-DCALLS=1 -DCONSUMERS=2 -DSWEEPS=1)
WIPED=(-DCALLS=1 -DSWEEPS=2 -DWIPES=1)

selected=("$@")
passed=0
failed=0

wanted() { ((!${#selected[@]})) || [[ " ${selected[*]} " == *" $1 "* ]]; }

# explore NAME HOW SIZE...: writes the verifier's report, and the steps to a failure if any.
explore() {
    local name=$1 how=$2 flags=(-DSAFETY -DCOLLAPSE -O2) options=() dir=$WORK/$1
    shift 2
    case $how in
    fast_to_compile) flags=(-DSAFETY -O0) ;;
    cycles) flags=(-DNP -DCOLLAPSE -O2) options=(-l) ;;
    esac
    rm -rf "$dir"
    mkdir -p "$dir"
    cd "$dir"
    ln -s "$MODEL" protocol.pml
    spin -a "$@" protocol.pml >spin.log
    gcc -w "${flags[@]}" "-DMEMLIM=$MEMORY_MB_MAX" -o pan pan.c
    # -b: a run longer than that is an error, not a run that is cut.
    ./pan "${options[@]}" -b "-m$STEPS_MAX" >report || true
    [[ ! -e protocol.pml.trail ]] || ./pan -r -n 2>&1 | grep -E '^(process|VIOLATED|the broker)' >steps || true
    cd "$ROOT_DIR"
}

# Nothing, if every state was seen and all is well.
fault_of() {
    local dir=$WORK/$1
    if grep -q 'errors: 0$' "$dir/report" && ! grep -q 'not completed' "$dir/report"; then return; fi
    if [[ -e $dir/steps ]] && grep -q VIOLATED "$dir/steps"; then
        sed -n 's/^VIOLATED //p' "$dir/steps" | head -n 1
    else
        sed -n 's/^pan:1: //p; s/^pan: \(out of memory\|reached\)/\1/p' "$dir/report" | head -n 1 | grep . || echo "no report"
    fi
}

# check NAME EXPECTED HOW SIZE...: EXPECTED is the promise that breaks, or "holds".
check() {
    local name=$1 expected=$2 found states seconds
    wanted "$name" || return 0
    shift 2
    explore "$name" "$@"
    found=$(fault_of "$name")
    states=$(sed -nE 's/^ *([0-9.e+]+) states, stored.*/\1/p' "$WORK/$name/report")
    seconds=$(sed -nE 's/.*elapsed time ([0-9.e+-]+) seconds.*/\1/p' "$WORK/$name/report")
    if [[ ${found:-holds} == "$expected"* ]]; then
        passed=$((passed + 1))
        say "pass: $name: ${found:-holds} (${states:-0} states, ${seconds:-0} s)"
        if ((${#selected[@]})) && [[ $found ]]; then cat "$WORK/$name/steps"; fi
    else
        failed=$((failed + 1))
        say "FAIL: $name: ${found:-holds}, expected: $expected (${states:-0} states)"
        if [[ -e $WORK/$name/steps ]]; then cat "$WORK/$name/steps"; fi
    fi
}

holds() { check "$1" holds all "${@:2}"; }
breaks() { check "$1" "$2" fast_to_compile "${@:3}"; }

command -v spin >/dev/null || as_root bash "$LIB_DIR/apt-install.sh" spin

holds whole "${WHOLE[@]}"
holds two_consumers "${CONSUMERS[@]}"
holds copies_and_twins "${COPIES[@]}"
holds swept "${SWEPT[@]}"
holds wiped "${WIPED[@]}"
# The inbox saves work and guards nothing.
holds no_inbox "${SWEPT[@]}" -DNO_INBOX
# No way to go on for ever: with it, what holds at every end is reached.
check comes_to_an_end holds cycles -DFAULTS=1
check swept_comes_to_an_end holds cycles "${SWEPT[@]}" -DFAULTS=0
check faults_without_end 'non-progress cycle' cycles -DCALLS=1 -DFAULTS_WITHOUT_END

breaks no_pk_guard an_order_has_one_decision "${SWEPT[@]}" -DNO_PK_GUARD
breaks no_pk_guard_what_comes_of_it finished_is_charged "${SWEPT[@]}" -DNO_PK_GUARD -DLOOK_FURTHER
breaks one_snapshot a_decision_under_the_lock_is_the_first "${SWEPT[@]}" -DONE_SNAPSHOT
breaks one_snapshot_no_pk_guard no_order_is_charged_twice "${SWEPT[@]}" -DONE_SNAPSHOT -DNO_PK_GUARD \
    -DLOOK_FURTHER -DMONEY=2
breaks no_account_lock the_balance_is_top_ups_less_charges "${CONSUMERS[@]}" -DNO_ACCOUNT_LOCK
breaks no_confirm_wait every_order_is_settled -DNO_CONFIRM_WAIT
breaks no_mandatory every_order_is_settled -DNO_MANDATORY
breaks no_status_guard a_settled_order_never_changes -DNO_STATUS_GUARD
breaks ack_before_commit every_order_is_settled -DACK_BEFORE_COMMIT
breaks no_claim_lock sent_once_without_a_fault -DRELAYS=2 -DFAULTS=0 -DNO_CLAIM_LOCK
breaks key_in_own_tx an_acknowledged_order_exists -DKEY_IN_OWN_TX
breaks new_ids_on_run_again one_call_makes_one_order -DNEW_IDS_ON_RUN_AGAIN
breaks sweep_under_old_id every_order_is_settled "${WIPED[@]}" -DSWEEP_UNDER_OLD_ID
breaks no_sweeper every_order_is_settled -DWIPES=1 -DFAULTS=0

((passed + failed > 0)) || die "no check ${selected[*]}"
echo "model: $passed passed, $failed failed"
((failed == 0))
