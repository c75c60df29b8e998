#!/usr/bin/env bash
# Usage: tests/guards/run.sh [GUARD]...
# Takes each guard of the protocol out, one at a time, and demands that the test which its
# patch names fails for it. First all those tests must pass with every guard in place. Runs
# on the last commit, in a work tree of its own below build/guards.
#   tests/guards/run.sh check    only whether every patch still fits; seconds
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

TREE=$PWD/build/guards
LOGS=$PWD/build/guards-logs
export TOOLS_DIR=${TOOLS_DIR:-$PWD/.tools}
export TEST_PORT_BASE=${TEST_PORT_BASE:-23000}
caught=0
missed=0

patch_of() { echo "$PWD/tests/guards/$1.patch"; }
header() { sed -n "s/^$2: //p" "$(patch_of "$1")"; }
suite() { header "$1" 'Caught by' | cut -d' ' -f1; }
test_name() { header "$1" 'Caught by' | cut -d' ' -f2-; }

check() {
    local guard
    for guard in "${guards[@]}"; do
        git apply --check "$(patch_of "$guard")" || return 1
    done
}

# run_tests SUITE REGEX LOG: in the work tree.
run_tests() { (cd "$TREE" && FILTER=$2 tests/run.sh "$1") >"$3" 2>&1; }

demand_all_pass() {
    local each guard names
    for each in unit integration fault; do
        names=()
        for guard in "${guards[@]}"; do
            [[ $(suite "$guard") != "$each" ]] || names+=("$(test_name "$guard")")
        done
        ((${#names[@]})) || continue
        run_tests "$each" "$(IFS='|' && echo "${names[*]}")" "$LOGS/$each.log" || {
            tail -n 40 "$LOGS/$each.log"
            echo "guards: tests of $each fail with every guard in place"
            exit 1
        }
    done
}

# A build that breaks catches nothing.
take_out() {
    local guard=$1 log=$LOGS/$1.log failed
    git -C "$TREE" checkout -q .
    git -C "$TREE" apply "$(patch_of "$guard")"
    (cd "$TREE" && deploy/local/build.sh) >"$log" 2>&1 || {
        tail -n 20 "$log"
        echo "guards: does not build without $guard"
        exit 1
    }
    if run_tests "$(suite "$guard")" "$(test_name "$guard")" "$log"; then
        missed=$((missed + 1))
        echo "--- FAIL: nothing noticed: $(header "$guard" Guard)"
        return
    fi
    failed=$(sed -nE 's/^.*\[  FAILED  \] ([A-Za-z]+\.[A-Za-z]+).*$/\1/p; s/^ *--- FAIL: ([^ ]+).*$/\1/p' "$log" | sort -u)
    if [[ -z $failed ]]; then
        missed=$((missed + 1))
        echo "--- FAIL: no test failed, see $log: $(header "$guard" Guard)"
        return
    fi
    caught=$((caught + 1))
    echo "--- PASS: without '$(header "$guard" Guard)' fail: ${failed//$'\n'/, }"
}

mapfile -t guards < <(find tests/guards -name '*.patch' -printf '%f\n' | sed 's/\.patch$//' | sort)
if [[ ${1:-} == check ]]; then
    check
    exit
fi
(($# == 0)) || guards=("$@")
mkdir -p "$LOGS"
git worktree remove --force "$TREE" 2>/dev/null || true
git worktree prune
git worktree add -q --detach "$TREE" HEAD
trap 'git worktree remove --force "$TREE"' EXIT
demand_all_pass
for guard in "${guards[@]}"; do take_out "$guard"; done
echo "guards: $caught passed, $missed failed"
((missed == 0))
