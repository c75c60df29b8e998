#!/usr/bin/env bash
# Installs what the linters and formatters need and is missing: packages of the distribution,
# Python tools below TOOLS_DIR, Node tools beside the browser tests.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../deploy/local/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/local/lib.sh"
cd "$ROOT_DIR"

install_packages() {
    local missing=()
    command -v git >/dev/null || missing+=(git)
    command -v shellcheck >/dev/null || missing+=(shellcheck)
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    ((!${#missing[@]})) || as_root bash deploy/local/apt-install.sh "${missing[@]}"
}

install_python_tools() {
    local wanted=tests/lint/requirements.txt python_tools=$TOOLS_DIR/lint
    local installed=$python_tools/requirements.txt
    cmp -s "$wanted" "$installed" && return
    say "installing the linters of $wanted"
    python3 -m venv --clear "$python_tools"
    "$python_tools/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$installed"
}

install_packages
install_python_tools
tests/browser/install.sh
