#!/usr/bin/env bash
# Usage: rabbitmq.sh prepare DATA         configuration and definitions
#        rabbitmq.sh environment DATA     prints the server's environment, NAME=value lines
#        rabbitmq.sh wait                 waits until the broker takes connections
#        rabbitmq.sh control ARGUMENT...  rabbitmqctl of the broker that runs
# Apart from any other RabbitMQ of the machine: own home, cookie, epmd and ports.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# A message may stay unacknowledged for a day before its consumer is cut off.
CONSUMER_TIMEOUT_MS=86400000
# Bytes of the quorum queues' log. The broker clears a full one in one go (128 MiB kept two cores
# busy for half a second), and reads it whole when it starts.
WAL_BYTES_MAX=$((16 << 20))

prepare() {
    local data=$1
    mkdir -p "$data"
    cat >"$data/rabbitmq.conf" <<END
listeners.tcp.1 = 127.0.0.1:$AMQP_PORT
management.tcp.ip = 127.0.0.1
management.tcp.port = $RABBITMQ_UI_PORT
load_definitions = $data/definitions.json
consumer_timeout = $CONSUMER_TIMEOUT_MS
raft.wal_max_size_bytes = $WAL_BYTES_MAX
log.console = true
log.console.level = info
log.file = false
END
    echo '[{kernel, [{inet_dist_use_interface, {127, 0, 0, 1}}]}].' >"$data/advanced.config"
    echo '[rabbitmq_management].' >"$data/enabled_plugins"
    (umask 077 && render "$LIB_DIR/../rabbitmq/definitions.json.template" \
        RABBITMQ_GUEST_PASSWORD ORDERS_AMQP_PASSWORD PAYMENTS_AMQP_PASSWORD OPERATOR_AMQP_PASSWORD \
        >"$data/definitions.json")
    ((EUID != 0)) || chown -R "$(infrastructure_user rabbitmq)" "$data"
}

# RUNNING_UNDER_SYSTEMD makes the start script become the server instead of its parent, so
# that what supervises it sees its end.
environment() {
    local data=$1
    cat <<END
HOME=$data
RUNNING_UNDER_SYSTEMD=true
RABBITMQ_NODENAME=rabbit@localhost
RABBITMQ_CONF_ENV_FILE=/dev/null
RABBITMQ_CONFIG_FILE=$data/rabbitmq.conf
RABBITMQ_ADVANCED_CONFIG_FILE=$data/advanced.config
RABBITMQ_ENABLED_PLUGINS_FILE=$data/enabled_plugins
RABBITMQ_MNESIA_BASE=$data/mnesia
RABBITMQ_LOG_BASE=$data/log
RABBITMQ_GENERATED_CONFIG_DIR=$data/config
RABBITMQ_DIST_PORT=$RABBITMQ_DIST_PORT
ERL_EPMD_PORT=$EPMD_PORT
ERL_EPMD_ADDRESS=127.0.0.1
END
}

# The broker listens once it is whole: its definitions are loaded before.
accepts() { (: <"/dev/tcp/127.0.0.1/$AMQP_PORT") 2>/dev/null; }

control() {
    local environment
    mapfile -t environment < <(environment "$LOCAL_DIR/data/rabbitmq")
    run_as "$(infrastructure_user rabbitmq)" env "${environment[@]}" /usr/lib/rabbitmq/bin/rabbitmqctl "$@"
}

case ${1:-} in
prepare) prepare "$2" ;;
environment) environment "$2" ;;
wait)
    wait_until "$START_TIMEOUT" accepts ||
        die "RabbitMQ is not ready, see $LOG_DIR/rabbitmq.log"
    ;;
control) control "${@:2}" ;;
*) die "usage: rabbitmq.sh prepare|environment|wait|control ..." ;;
esac
