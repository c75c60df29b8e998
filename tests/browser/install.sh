#!/usr/bin/env bash
# Installs what the page's tests and linters need and is missing: Node.js with npm from the
# distribution, the packages of package-lock.json beside this file.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../deploy/local/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/local/lib.sh"
cd "$ROOT_DIR/tests/browser"

command -v npm >/dev/null || as_root bash "$LIB_DIR/apt-install.sh" nodejs npm

installed=node_modules/.package-lock.json
if [[ ! -e $installed || package-lock.json -nt $installed ]]; then
    npm ci --no-audit --no-fund --loglevel=error
fi
