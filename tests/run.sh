#!/usr/bin/env bash
# Usage: tests/run.sh [SUITE]...
# Runs the suites named, or all, and ends with how many tests passed and failed:
#   unit         C++ beside the code, gateway, page; no process, database or broker
#   model        every state of the protocol's model, with and without its guards
#   integration  C++, and the operator's commands, against real Postgres and RabbitMQ
#   e2e          the whole system over REST, gRPC and the page's proxy
#   browser      the page in headless Chromium
#   fault        strikes on every part under load, then the books are checked; short forms,
#                long ones with FAULT_LONG=1; and half a minute of make chaos
# With PRESET=sanitize or PRESET=threads, of CMakePresets.json, unit and integration run the
# C++ alone, built so; the other suites know only the release.
# With FILTER=REGEX only the tests whose names match are run, of the C++ tests of unit and
# integration and of the tests in tests/fault.
# The system they run on is private: ports from TEST_PORT_BASE on, everything below
# build/test-system. It is built, started and ended here, beside a running `make up`.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

: "${TEST_PORT_BASE:=21000}"
: "${PRESET:=release}"
# A sanitized story takes fifty times as long.
[[ $PRESET == release ]] || export SIM_SEEDS=${SIM_SEEDS:-300}
: "${FILTER:=}"
export LOCAL_DIR=$root/build/test-system
# shellcheck source-path=SCRIPTDIR source=private_system.sh
source tests/private_system.sh

RESULTS=$root/build/test-results
FAULT_TIMEOUT=15m
[[ ${FAULT_LONG:-} != 1 ]] || FAULT_TIMEOUT=4h
SUITES=(unit model integration e2e browser fault)
GO_TEST=(go test -count=1 -v)
CTEST=(ctest --preset "$PRESET" --output-on-failure --no-tests=error --tests-regex "${FILTER:-.}")
passed=0
failed=0
skipped=0

# count LOG PATTERN: lines of the log that match.
count() { grep -cE -- "$2" "$1" || true; }

# last_number LOG PREFIX: the number after the last line's prefix, 0 if there is none.
last_number() { sed -nE "s/^.*$2 ([0-9]+).*$/\1/p" "$1" | tail -n 1 | grep . || echo 0; }

# tally NAME STATUS PASSED FAILED SKIPPED: a command that fails without a failed test counts
# as one, and so does one that ran no test.
tally() {
    local ok=$3 bad=$4
    if (($2 != 0 && bad == 0)) || ((ok + bad == 0)); then bad=$((bad + 1)); fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    skipped=$((skipped + $5))
    say "== $1: $ok passed, $bad failed"
}

# run READER NAME COMMAND...: runs a command, shows what it says, and counts its tests.
run() {
    local reader=$1 name=$2 log=$RESULTS/$2.log status=0
    shift 2
    say "== $name"
    "$@" 2>&1 | tee "$log" || status=$?
    "$reader" "$name" "$status" "$log"
}

read_ctest() {
    local all bad
    bad=$(last_number "$3" 'tests passed,')
    all=$(last_number "$3" 'out of')
    tally "$1" "$2" $((all - bad)) "$bad" 0
}

read_go() {
    tally "$1" "$2" "$(count "$3" '^ *--- PASS:')" "$(count "$3" '^ *--- FAIL:')" \
        "$(count "$3" '^ *--- SKIP:')"
}

read_node() {
    tally "$1" "$2" "$(last_number "$3" 'pass')" "$(last_number "$3" 'fail')" \
        "$(last_number "$3" 'skipped')"
}

read_model() {
    tally "$1" "$2" "$(last_number "$3" 'model:')" "$(last_number "$3" 'passed,')" 0
}

run_unit() {
    run read_ctest unit-cpp "${CTEST[@]}" --label-exclude integration --parallel "$(nproc)"
    [[ $PRESET == release && -z $FILTER ]] || return 0
    run read_go unit-go "${GO_TEST[@]}" ./gateway/... ./tests/support/... ./deploy/operator/... \
        ./tests/fault/proxy ./tests/fault/catalogue \
        ./tests/chaos/schedule ./tests/chaos/load ./tests/chaos/checker ./tests/bench/...
    run read_node unit-page npm --prefix tests/browser run --silent unit
}

run_model() { run read_model model tests/model/run.sh; }

run_integration() {
    run read_ctest integration "${CTEST[@]}" --label-regex integration
    [[ $PRESET == release && -z $FILTER ]] || return 0
    run read_go integration-operator "${GO_TEST[@]}" ./tests/integration/operator
}

run_e2e() { run read_go e2e "${GO_TEST[@]}" ./tests/e2e/...; }

run_browser() { run read_node browser npm --prefix tests/browser run --silent test; }

run_fault() { run read_go fault "${GO_TEST[@]}" -run "$FILTER" -timeout "$FAULT_TIMEOUT" ./tests/fault; }

run_chaos() { SEED=1 MINUTES=0.5 run read_go chaos "${GO_TEST[@]}" ./tests/chaos; }

run_fault_system() { run read_go fault-system "${GO_TEST[@]}" -timeout 10m ./tests/fault/system; }

wanted() { [[ " ${chosen[*]} " == *" $1 "* ]]; }

install_tools() {
    deploy/local/install.sh
    if wanted unit || wanted browser; then tests/browser/install.sh; fi
    if wanted browser; then
        command -v chromium >/dev/null || as_root bash "$LIB_DIR/apt-install.sh" chromium
    fi
    if wanted fault; then
        command -v faketime >/dev/null || as_root bash "$LIB_DIR/apt-install.sh" faketime
    fi
}

chosen=("${@:-"${SUITES[@]}"}")
for suite in "${chosen[@]}"; do
    [[ " ${SUITES[*]} " == *" $suite "* ]] || die "no suite $suite; there are: ${SUITES[*]}"
done
mkdir -p "$RESULTS"
if [[ $PRESET == release ]]; then
    install_tools
    deploy/local/build.sh
else
    [[ " ${chosen[*]} " =~ ^(" unit"|" integration")+" "$ ]] || die "PRESET=$PRESET is for the suites unit and integration"
    deploy/local/install.sh
    cmake --preset "$PRESET"
    cmake --build --preset "$PRESET"
fi

trap clean_up EXIT
clean_up
if wanted unit; then run_unit; fi
if wanted model; then run_model; fi
if wanted fault || wanted integration; then
    deploy/local/up.sh infra
    # In this order, for the integration tests leave events in the outboxes.
    if wanted fault; then run_fault; fi
    if wanted fault && [[ -z $FILTER ]]; then run_chaos; fi
    if wanted integration; then run_integration; fi
    clean_up
fi
if [[ -z $FILTER ]] && { wanted e2e || wanted browser || wanted fault; }; then
    deploy/local/up.sh
    if wanted e2e; then run_e2e; fi
    if wanted browser; then run_browser; fi
    if wanted fault; then run_fault_system; fi
fi

echo "$passed passed, $failed failed$( ((skipped == 0)) || echo ", $skipped skipped")"
((failed == 0))
