# shellcheck shell=bash
# Every setting of the bare-machine system: an environment variable and its default.
# Sourced by the other scripts. Two systems run side by side when LOCAL_DIR and all
# ports differ.

ROOT_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Where data, logs and sockets live (one folder per system) and where built tools are
# kept (one per checkout).
: "${LOCAL_DIR:=$ROOT_DIR/.local}"
: "${TOOLS_DIR:=$ROOT_DIR/.tools}"
# Where the migrations are, a folder per database.
: "${MIGRATIONS_DIR:=$ROOT_DIR/migrations}"

# The address of the public ports: REST, gRPC, page. Everything else is on loopback.
: "${BIND_ADDRESS:=127.0.0.1}"

: "${ORDERS_HTTP_PORT:=8080}" "${PAYMENTS_HTTP_PORT:=8081}"
: "${ORDERS_GRPC_PORT:=9080}" "${PAYMENTS_GRPC_PORT:=9081}"
: "${ORDERS_METRICS_PORT:=9180}" "${PAYMENTS_METRICS_PORT:=9181}"
: "${ORDERS_GATEWAY_METRICS_PORT:=9280}" "${PAYMENTS_GATEWAY_METRICS_PORT:=9281}"
: "${FRONTEND_PORT:=3000}"
: "${ORDERS_DB_PORT:=5433}" "${PAYMENTS_DB_PORT:=5434}"
: "${AMQP_PORT:=5672}" "${RABBITMQ_UI_PORT:=15672}"
: "${RABBITMQ_DIST_PORT:=25682}" "${EPMD_PORT:=4379}"

# Demo credentials; user names are fixed.
: "${POSTGRES_PASSWORD:=postgres}"
: "${ORDERS_OWNER_PASSWORD:=orders_owner}" "${ORDERS_SERVICE_PASSWORD:=orders_service}"
: "${PAYMENTS_OWNER_PASSWORD:=payments_owner}" "${PAYMENTS_SERVICE_PASSWORD:=payments_service}"
: "${AUDITOR_PASSWORD:=auditor}"
: "${RABBITMQ_GUEST_PASSWORD:=guest}"
: "${ORDERS_AMQP_PASSWORD:=orders}" "${PAYMENTS_AMQP_PASSWORD:=payments}"
: "${OPERATOR_AMQP_PASSWORD:=operator}"

# Memory of each Postgres server's cache: an eighth of the machine's, 128 MB to 2 GB.
if [[ -z ${POSTGRES_SHARED_BUFFERS_MB:-} ]]; then
    POSTGRES_SHARED_BUFFERS_MB=$(awk '$1 == "MemTotal:" {
        mb = int($2 / 1024 / 8); print (mb < 128 ? 128 : (mb > 2048 ? 2048 : mb)) }' /proc/meminfo)
fi

# How long a start may take until everything is healthy, and a stop until processes that
# ignore it are killed, in seconds.
: "${START_TIMEOUT:=120}" "${STOP_TIMEOUT:=60}"

: "${LOG_LEVEL:=info}"

INFRASTRUCTURE_PORTS=(ORDERS_DB_PORT PAYMENTS_DB_PORT AMQP_PORT RABBITMQ_UI_PORT
    RABBITMQ_DIST_PORT EPMD_PORT)
APPLICATION_PORTS=(ORDERS_HTTP_PORT PAYMENTS_HTTP_PORT ORDERS_GRPC_PORT PAYMENTS_GRPC_PORT
    ORDERS_METRICS_PORT PAYMENTS_METRICS_PORT ORDERS_GATEWAY_METRICS_PORT
    PAYMENTS_GATEWAY_METRICS_PORT FRONTEND_PORT)
PASSWORDS=(POSTGRES_PASSWORD ORDERS_OWNER_PASSWORD ORDERS_SERVICE_PASSWORD
    PAYMENTS_OWNER_PASSWORD PAYMENTS_SERVICE_PASSWORD AUDITOR_PASSWORD
    RABBITMQ_GUEST_PASSWORD ORDERS_AMQP_PASSWORD PAYMENTS_AMQP_PASSWORD
    OPERATOR_AMQP_PASSWORD)

export LOCAL_DIR TOOLS_DIR BIND_ADDRESS LOG_LEVEL POSTGRES_SHARED_BUFFERS_MB
export START_TIMEOUT STOP_TIMEOUT
export "${INFRASTRUCTURE_PORTS[@]}" "${APPLICATION_PORTS[@]}" "${PASSWORDS[@]}"

# The address at which a local client reaches the public ports.
LOCAL_ADDRESS=${BIND_ADDRESS/#0.0.0.0/127.0.0.1}
export LOCAL_ADDRESS

check_settings() {
    local name
    local -A seen=()
    for name in "${INFRASTRUCTURE_PORTS[@]}" "${APPLICATION_PORTS[@]}"; do
        [[ ${!name} =~ ^[1-9][0-9]{0,4}$ ]] || die "$name must be a port, not '${!name}'"
        ((${!name} <= 65535)) || die "$name must be at most 65535, not ${!name}"
        [[ -z ${seen[${!name}]:-} ]] || die "$name and ${seen[${!name}]} are both ${!name}"
        seen[${!name}]=$name
    done
    # These characters need no escaping in URLs, SQL, JSON and configuration files.
    for name in "${PASSWORDS[@]}"; do
        [[ ${!name} =~ ^[A-Za-z0-9._~-]+$ ]] ||
            die "$name must consist of letters, digits and . _ ~ -"
    done
    for name in START_TIMEOUT STOP_TIMEOUT POSTGRES_SHARED_BUFFERS_MB; do
        [[ ${!name} =~ ^[1-9][0-9]{0,5}$ ]] || die "$name must be a positive whole number"
    done
    [[ $BIND_ADDRESS =~ ^[0-9]+(\.[0-9]+){3}$ ]] || die "BIND_ADDRESS must be an IPv4 address"
    [[ $LOCAL_DIR =~ ^/[A-Za-z0-9/._@+-]*$ && $ROOT_DIR =~ ^/[A-Za-z0-9/._@+-]*$ ]] ||
        die "the checkout and LOCAL_DIR must be absolute paths of letters, digits and . _ @ + -"
}
