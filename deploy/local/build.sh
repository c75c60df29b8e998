#!/usr/bin/env bash
# Usage: build.sh [programs|gen]
# Builds everything, tests included, or only the three programs that run, or only the
# generated Go code. What is up to date is left as it is.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}

build_services() {
    [[ -e build/release/build.ninja ]] || cmake --preset release
    cmake --build --preset release "$@"
}

build_gateway() {
    gateway/generate.sh
    go build -o build/release/gateway/gateway ./gateway
}

cd "$ROOT_DIR"
case ${1:-all} in
all) build_services && build_gateway ;;
programs) build_services --target orders-service payments-service && build_gateway ;;
gen) gateway/generate.sh ;;
*) die "usage: build.sh [programs|gen]" ;;
esac
