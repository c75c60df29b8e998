#!/usr/bin/env bash
# Usage: up.sh [infra]
# Brings the whole system up, or with "infra" only Postgres x2 (migrated) and RabbitMQ, and
# returns when it is healthy. Twice is harmless. Tests start an infrastructure of their own:
#
#   LOCAL_DIR=/tmp/t ORDERS_DB_PORT=15433 PAYMENTS_DB_PORT=15434 AMQP_PORT=15673 \
#   RABBITMQ_UI_PORT=15674 RABBITMQ_DIST_PORT=15675 EPMD_PORT=15676 deploy/local/up.sh infra
#
# and end it by down.sh with the same LOCAL_DIR.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SETTINGS_FILE=$LOCAL_DIR/settings

# Postgres and RabbitMQ as users of their own must reach their data; where they cannot reach
# the checkout it lives in /var/lib. LOCAL_DIR/data then is a link to it.
data_dir() {
    local link=$LOCAL_DIR/data far
    if [[ ! -e $link ]]; then
        if run_as "$(infrastructure_user postgres)" test -x "$LOCAL_DIR"; then
            mkdir -p "$link"
        else
            far=/var/lib/orders-payments-$(basename "$ROOT_DIR")-$(cksum <<<"$LOCAL_DIR" | cut -d' ' -f1)
            mkdir -p "$far"
            ln -sfn "$far" "$link"
        fi
    fi
    readlink -f "$link"
}

prepare_dirs() {
    mkdir -p "$LOCAL_DIR" "$LOG_DIR" "$RUN_DIR"
    [[ -O $RUN_DIR ]] || die "$RUN_DIR belongs to somebody else"
    mkdir -p "$RUN_DIR/sockets"
    ((EUID != 0)) || chown "$(application_user)" "$RUN_DIR/sockets"
}

prepare() {
    prepare_dirs
    DATA=$(data_dir)
    [[ $DATA == "$LOCAL_DIR/data" ]] || say "data lives in $DATA (the checkout is closed to the users postgres and rabbitmq)"
    in_parallel \
        "'$LIB_DIR/postgres.sh' prepare orders '$DATA/postgres-orders' $ORDERS_DB_PORT" \
        "'$LIB_DIR/postgres.sh' prepare payments '$DATA/postgres-payments' $PAYMENTS_DB_PORT" \
        "'$LIB_DIR/rabbitmq.sh' prepare '$DATA/rabbitmq'"
    "$LIB_DIR/nginx.sh" prepare "$LOCAL_DIR/nginx"
    (umask 077 && "$LIB_DIR/supervisor.sh" "$DATA" >"$SUPERVISOR_CONF")
}

# settings_in_use: what a running system keeps to its end, as NAME=value lines.
settings_in_use() {
    local name
    for name in BIND_ADDRESS "${INFRASTRUCTURE_PORTS[@]}" "${APPLICATION_PORTS[@]}" "${PASSWORDS[@]}"; do
        echo "$name=${!name}"
    done
}

# Parts of a running system would learn of a change, and others not.
refuse_other_settings() {
    local other
    [[ -e $SETTINGS_FILE ]] || return 0
    other=$(settings_in_use | LC_ALL=C grep -vxFf "$SETTINGS_FILE" | cut -d= -f1 | paste -sd' ') || true
    [[ -z $other ]] || die "the system runs with other settings than these: $other; make down first"
}

# in_parallel COMMAND...: runs all, fails if one did.
in_parallel() {
    local command pid pids=() failed=0
    for command in "$@"; do
        bash -c "$command" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
    return $failed
}

# Returns when the databases are migrated; the broker takes longer. The application of a running
# system is left alone: where a migration fails, it works on.
start_infrastructure() {
    if is_running; then
        control update infrastructure >/dev/null
    else
        (umask 077 && settings_in_use >"$SETTINGS_FILE")
        LOCAL_SYSTEM=$LOCAL_DIR supervisord -c "$SUPERVISOR_CONF" 8>&-
    fi
    control start 'infrastructure:*' >/dev/null &
    in_parallel \
        "'$LIB_DIR/postgres.sh' database orders $ORDERS_DB_PORT && '$LIB_DIR/flyway.sh' orders $ORDERS_DB_PORT" \
        "'$LIB_DIR/postgres.sh' database payments $PAYMENTS_DB_PORT && '$LIB_DIR/flyway.sh' payments $PAYMENTS_DB_PORT"
    wait
}

healthy() { health "$ORDERS_HTTP_PORT" && health "$PAYMENTS_HTTP_PORT"; } >/dev/null 2>&1

start_application() {
    local log
    control update >/dev/null
    control start 'services:*' >/dev/null &
    control start 'edge:*' >/dev/null &
    if ! wait_until "$START_TIMEOUT" healthy; then
        for log in "$LOG_DIR"/{orders,payments}-{service,gateway}.log "$LOG_DIR/nginx.log"; do
            say "== last lines of $log"
            tail -n 5 "$log" >&2 || true
        done
        control status >&2 || true
        die "not healthy after $START_TIMEOUT s; the parts go on trying: make status, make logs"
    fi
    wait
}

print_addresses() {
    cat <<END
page       http://$LOCAL_ADDRESS:$FRONTEND_PORT
orders     http://$LOCAL_ADDRESS:$ORDERS_HTTP_PORT    gRPC $LOCAL_ADDRESS:$ORDERS_GRPC_PORT
payments   http://$LOCAL_ADDRESS:$PAYMENTS_HTTP_PORT    gRPC $LOCAL_ADDRESS:$PAYMENTS_GRPC_PORT
RabbitMQ   http://127.0.0.1:$RABBITMQ_UI_PORT    guest / $RABBITMQ_GUEST_PASSWORD
Postgres   127.0.0.1:$ORDERS_DB_PORT (orders)    127.0.0.1:$PAYMENTS_DB_PORT (payments)
END
}

part=${1:-all}
[[ $part == all || $part == infra ]] || die "usage: up.sh [infra]"
ports=("${INFRASTRUCTURE_PORTS[@]}")
[[ $part == infra ]] || ports+=("${APPLICATION_PORTS[@]}")

if is_running; then refuse_other_settings; else "$LIB_DIR/ports.sh" "${ports[@]}"; fi
mkdir -p "$LOCAL_DIR"
exec 8>"$LOCAL_DIR/up.lock"
flock -n 8 || die "another start of this system is under way"

"$LIB_DIR/install.sh" "$part"
[[ $part == infra ]] || "$LIB_DIR/build.sh" programs
prepare
start_infrastructure
# The services wait for the broker by themselves.
[[ $part == infra ]] || start_application
"$LIB_DIR/rabbitmq.sh" wait
[[ $part == infra ]] || print_addresses
