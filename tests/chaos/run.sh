#!/usr/bin/env bash
# Usage: [SEED=n] [MINUTES=m] [SHOW=1] tests/chaos/run.sh
# Strikes a private system at random, as SEED (1) says, for MINUTES (1), while many users work
# with it; heals it and checks every promise. SHOW=1 only prints the strikes. Ends with 0 if all
# promises were kept, 1 if one was broken, 2 if that cannot be told; if not with 0, all calls
# and all logs are in build/chaos/SEED. Ports from CHAOS_PORT_BASE on, everything below build/chaos-system.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

TEST_PORT_BASE=${CHAOS_PORT_BASE:-21100}
export LOCAL_DIR=$root/build/chaos-system
# shellcheck source-path=SCRIPTDIR source=../private_system.sh
source tests/private_system.sh

UNKNOWN=2
BINARY=$root/build/release/chaos

export SEED=${SEED:-1} MINUTES=${MINUTES:-1}
if [[ ! $SEED =~ ^[0-9]+$ ]]; then
    say "SEED must be a whole number, not '$SEED'"
    exit $UNKNOWN
fi

# Its paths are those of its package.
chaos() { (cd tests/chaos && "$BINARY" -test.timeout 0 "$@"); }

prepare() {
    deploy/local/install.sh && deploy/local/build.sh programs && go test -c -o "$BINARY" ./tests/chaos
}

prepare || exit $UNKNOWN
if [[ ${SHOW:-} == 1 ]]; then
    chaos
    exit
fi
trap clean_up EXIT
clean_up
deploy/local/up.sh infra || exit $UNKNOWN
status=0
chaos -test.v || status=$?
if ((status != 0)); then
    mkdir -p "build/chaos/$SEED"
    cp -r "$LOG_DIR" "build/chaos/$SEED/"
fi
exit $status
