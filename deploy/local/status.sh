#!/usr/bin/env bash
# Shows what runs and how it is; fails unless all runs and is healthy.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

is_running || {
    echo "not running"
    exit 1
}
failed=0
control status || failed=1
echo
for name in orders payments; do
    port=${name^^}_HTTP_PORT
    printf '%-10s' "$name"
    health "${!port}" || failed=1
done
exit $failed
