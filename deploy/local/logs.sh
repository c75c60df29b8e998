#!/usr/bin/env bash
# Follows the logs of everything, from their last lines on; ends with Ctrl-C.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

compgen -G "$LOG_DIR/*.log" >/dev/null || die "there are no logs in $LOG_DIR"
exec tail -n 10 -F "$LOG_DIR"/*.log
