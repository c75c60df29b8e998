# shellcheck shell=bash
# What the scripts of this folder share. Source it; it brings the settings along.
# shellcheck source-path=SCRIPTDIR

LIB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '%s\n' "$*" >&2; }
die() {
    say "error: $*"
    exit 1
}

# shellcheck source=settings.sh
source "$LIB_DIR/settings.sh"
check_settings

export LOG_DIR=$LOCAL_DIR/logs

# Sockets live in LOCAL_DIR, or in a short folder of /tmp where the limit of 107 bytes for a
# socket's path would be passed.
RUN_DIR=$LOCAL_DIR/run
if ((${#RUN_DIR} > 75)); then
    RUN_DIR=/tmp/orders-payments-$EUID-$(cksum <<<"$LOCAL_DIR" | cut -d' ' -f1)
fi
# Where install.sh puts a Go if the machine's is too old; it may do so after this.
PATH=$TOOLS_DIR/go/bin:$PATH

SUPERVISOR_CONF=$LOCAL_DIR/supervisord.conf

# run_as USER COMMAND...: as that user if we are root, else as ourselves.
run_as() {
    local user=$1
    shift
    if ((EUID == 0)) && [[ $user != root ]]; then
        (cd / && exec runuser -u "$user" -- "$@")
    else
        "$@"
    fi
}

# as_root COMMAND...: with sudo unless we are root.
as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        command -v sudo >/dev/null || die "root's rights are needed for: $* (there is no sudo)"
        sudo -- "$@"
    fi
}

# Whom Postgres and RabbitMQ run as: their packages' users if we are root.
infrastructure_user() { if ((EUID == 0)); then echo "$1"; else id -un; fi; }

# Whom services, gateways and nginx run as: nobody if we are root and nobody can read the
# checkout.
application_user() {
    if ((EUID == 0)) && run_as nobody test -r "$ROOT_DIR/Makefile" -a -x "$LOCAL_DIR"; then
        echo nobody
    else
        id -un
    fi
}

# render TEMPLATE NAME...: the template with each ${NAME} replaced by the variable's value.
render() {
    local text name
    text=$(<"$1")
    shift
    for name in "$@"; do
        text=${text//"\${$name}"/"${!name}"}
    done
    printf '%s\n' "$text"
}

# wait_until SECONDS COMMAND...: whether the command succeeded within that time.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# health HTTP_PORT: prints the answer, fails unless it is 200.
health() { curl -sS --fail-with-body --max-time 5 "http://$LOCAL_ADDRESS:$1/health" && echo; }

control() { supervisorctl -c "$SUPERVISOR_CONF" "$@"; }

is_running() { [[ -S $RUN_DIR/supervisor.sock ]] && control pid >/dev/null 2>&1; }

# marked_pids: those of this user's processes that have the supervisor's LOCAL_SYSTEM in
# their environment.
marked_pids() {
    local file pid
    for file in /proc/[0-9]*/environ; do
        if grep -qzxF -- "LOCAL_SYSTEM=$LOCAL_DIR" "$file" 2>/dev/null; then
            pid=${file#/proc/}
            echo "${pid%/environ}"
        fi
    done
}

# nginx_pids: nginx of this system, master and workers: it overwrites its environment, but
# its master leads a process group, and a killed one leaves its pid file behind.
nginx_pids() {
    local master stat pid name group
    master=$(cat "$LOCAL_DIR/nginx/nginx.pid" 2>/dev/null) || return 0
    for stat in /proc/[0-9]*/stat; do
        read -r pid name _ _ group _ 2>/dev/null <"$stat" || continue
        if [[ $name == '(nginx)' && $group == "$master" ]]; then echo "$pid"; fi
    done
}

# leftover_pids: processes of this system that outlived their supervisor. Even root may be
# kept from looking into another user's process (in a container), so each user looks for
# itself.
leftover_pids() {
    local user
    {
        marked_pids
        if ((EUID == 0)); then
            for user in postgres rabbitmq nobody; do
                getent passwd "$user" >/dev/null || continue
                run_as "$user" env LOCAL_DIR="$LOCAL_DIR" bash -c "$(declare -f marked_pids); marked_pids"
            done
        fi
        nginx_pids
    } | sort -u
}
