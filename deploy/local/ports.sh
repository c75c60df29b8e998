#!/usr/bin/env bash
# Usage: ports.sh NAME...: fails, naming each setting whose port is taken, and by whom.
# Needs nothing installed: reads the kernel's own tables.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

TCP_LISTEN=0A

# listener PORT: "inode uid" of the socket that listens on the port, if any.
listener() {
    awk -v port="$(printf '%04X' "$1")" -v listening="$TCP_LISTEN" '
        $4 == listening && substr($2, length($2) - 3) == port { print $10, $8; exit }' \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

find_socket() { find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\[$1\]" -print -quit 2>/dev/null; }

# as_any USER COMMAND...: as that user, where we may.
as_any() {
    if ((EUID == 0)); then run_as "$@"; else sudo -n -u "$1" -- "${@:2}" 2>/dev/null; fi
}

# owner INODE UID: its process; another user's is shown to root, or to that user, only.
owner() {
    local user path
    user=$(getent passwd "$2" | cut -d: -f1)
    path=$(find_socket "$1" || true)
    if [[ -z $path ]]; then
        path=$(as_any "${user:-$2}" bash -c "$(declare -f find_socket); find_socket $1" || true)
    fi
    if [[ $path =~ ^/proc/([0-9]+)/ ]]; then
        echo "process ${BASH_REMATCH[1]} ($(cat "/proc/${BASH_REMATCH[1]}/comm" 2>/dev/null))"
    else
        echo "a process of user ${user:-$2}"
    fi
}

taken=0
for name in "$@"; do
    read -r inode uid < <(listener "${!name}") || continue
    say "port ${!name} ($name) is taken by $(owner "$inode" "$uid")"
    taken=1
done
((taken == 0)) || die "stop what has them, or choose other ports: NAME=port make up"
