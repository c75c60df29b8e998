#!/usr/bin/env bash
# Stops the system of LOCAL_DIR, edge first and databases last, and leaves none of its
# processes; data and logs stay. Harmless when nothing runs.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# runs PID: whether it is there and no zombie, which a container without an init keeps.
runs() { [[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == [!Z]* ]]; }

supervisor_ended() { ! is_running && ! runs "$1"; }

none_left() { [[ -z $(leftover_pids) ]]; }

# What the supervisor does not know: epmd, and all if the supervisor itself was killed.
end_leftovers() {
    local signal
    for signal in TERM KILL; do
        none_left && return
        # shellcheck disable=SC2046 # one word per pid
        kill -s "$signal" $(leftover_pids) 2>/dev/null || true
        wait_until 10 none_left && return
    done
    die "still running: $(leftover_pids | tr '\n' ' ')"
}

if is_running; then
    pid=$(control pid)
    control shutdown >/dev/null
    wait_until "$STOP_TIMEOUT" supervisor_ended "$pid" || say "not stopped in $STOP_TIMEOUT s, killing"
fi
end_leftovers
rm -rf "$RUN_DIR"
