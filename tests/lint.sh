#!/usr/bin/env bash
# Runs every linter, or those named: tests/lint.sh [cpp|architecture|arrows|shell|proto|yaml|
# spelling|docker|sql|go|page|guards]... Says which failed, and ends with 1 if any did.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../deploy/local/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../deploy/local/lib.sh"
cd "$ROOT_DIR"

LINTERS=(cpp architecture arrows shell proto yaml spelling docker sql go page guards)
PYTHON_TOOLS=$TOOLS_DIR/lint
NODE_TOOLS=tests/browser/node_modules

# Files of these patterns that git knows of, or would add.
files() { git ls-files --cached --others --exclude-standard -- "$@" | sort -u | existing; }
existing() { while read -r file; do [[ ! -f $file ]] || printf '%s\n' "$file"; done; }

lint_cpp() {
    files '*.cc' '*.h' | xargs "$PYTHON_TOOLS/bin/clang-format" --dry-run -Werror
}

lint_architecture() { tests/lint/architecture_test.py; }

lint_arrows() { tests/lint/arrows_test.py; }

lint_shell() { files '*.sh' | xargs shellcheck --external-sources; }

# Also against what was published: a renamed or renumbered field breaks its readers.
lint_proto() {
    "$NODE_TOOLS/.bin/buf" lint proto &&
        "$NODE_TOOLS/.bin/buf" breaking proto --against proto/published.binpb
}

lint_yaml() { files '*.yml' '*.yaml' | xargs "$PYTHON_TOOLS/bin/yamllint" --strict; }

lint_spelling() { files ':!go.sum' ':!*/package-lock.json' ':!tests/fuzz/corpus' | xargs "$PYTHON_TOOLS/bin/codespell"; }

lint_docker() { files '*Dockerfile' | xargs "$PYTHON_TOOLS/bin/hadolint"; }

lint_sql() { "$PYTHON_TOOLS/bin/sqlfluff" lint --nocolor migrations; }

lint_go() {
    local unformatted
    deploy/local/build.sh gen
    unformatted=$(files '*.go' | xargs gofmt -l)
    if [[ $unformatted ]]; then
        say "not formatted: $unformatted"
        return 1
    fi
    go vet ./... && go tool staticcheck ./...
}

# A patch that no longer fits guards nothing.
lint_guards() { tests/guards/run.sh check; }

lint_page() { "$NODE_TOOLS/.bin/tsc" --project tests/browser; }

tests/lint/install.sh

failed=()
for linter in "${@:-"${LINTERS[@]}"}"; do
    [[ " ${LINTERS[*]} " == *" $linter "* ]] || die "no linter $linter; there are: ${LINTERS[*]}"
    say "lint: $linter"
    # In a shell of its own: `set -e` does not hold inside a condition.
    set +e
    (set -e && "lint_$linter")
    status=$?
    set -e
    ((status == 0)) || failed+=("$linter")
done
((!${#failed[@]})) || die "lint failed: ${failed[*]}"
say "lint: all passed"
