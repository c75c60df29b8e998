#!/usr/bin/env bash
# Formats the C++ and Go of the project in place, as tests/lint.sh checks it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../deploy/local/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../deploy/local/lib.sh"
cd "$ROOT_DIR"

tests/lint/install.sh
git ls-files --cached --others --exclude-standard -- '*.cc' '*.h' |
    xargs "$TOOLS_DIR/lint/bin/clang-format" -i
git ls-files --cached --others --exclude-standard -- '*.go' | xargs gofmt -w
