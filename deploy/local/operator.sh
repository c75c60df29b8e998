#!/usr/bin/env bash
# Usage: operator.sh audit|redrive
# Builds the operator's program and runs it on this system. It ends as the program does: 0 for
# what holds or is done, 1 for what is not, 2 where that could not be found out.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT_DIR"
go build -o build/release/operator/operator ./deploy/operator
exec build/release/operator/operator "$@"
