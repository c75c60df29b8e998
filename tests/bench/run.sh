#!/usr/bin/env bash
# Usage: [ROW=n] [QUICK=1] [STEP=2s] tests/bench/run.sh
# Measures a private system, released and whole, row by row beside a yardstick; ROW=n measures
# that row and what it needs, QUICK=1 is one short round instead of three, STEP cuts every step
# (to try the bench itself: such figures mean nothing). Writes build/bench/report.json and .svg.
# Ends with 0 when all could be measured and the books are right; a target that is missed is
# shown. Ports from BENCH_PORT_BASE on, everything of the system below build/bench-system.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

TEST_PORT_BASE=${BENCH_PORT_BASE:-21200}
export LOCAL_DIR=$root/build/bench-system
# shellcheck source-path=SCRIPTDIR source=../private_system.sh
source tests/private_system.sh
# What is measured is what `make up` starts, its cache included.
unset POSTGRES_SHARED_BUFFERS_MB

BINARIES=$root/build/release/bench
export BENCH_DIR=build/bench VEGETA=$BINARIES/vegeta
COMMIT=$(git describe --always --dirty --abbrev=12)
export COMMIT

prepare() {
    deploy/local/install.sh
    command -v wrk >/dev/null || as_root bash "$LIB_DIR/apt-install.sh" wrk
    deploy/local/build.sh programs
    go build -o "$BINARIES/bench" ./tests/bench
    "$BINARIES/bench" check
    go build -o "$VEGETA" github.com/tsenart/vegeta/v12
    mkdir -p "$BENCH_DIR"
}

prepare
# pgbench comes with the server.
PATH=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -n 1):$PATH
trap clean_up EXIT
clean_up
deploy/local/up.sh
"$BINARIES/bench"
