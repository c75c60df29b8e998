# shellcheck shell=bash
# A system for tests, beside any other: sourced with LOCAL_DIR, below which all of it is, and
# TEST_PORT_BASE, the first of its ports. It brings deploy/local/lib.sh along.

offset=0
for name in ORDERS_HTTP_PORT PAYMENTS_HTTP_PORT ORDERS_GRPC_PORT PAYMENTS_GRPC_PORT \
    ORDERS_METRICS_PORT PAYMENTS_METRICS_PORT ORDERS_GATEWAY_METRICS_PORT \
    PAYMENTS_GATEWAY_METRICS_PORT FRONTEND_PORT ORDERS_DB_PORT PAYMENTS_DB_PORT AMQP_PORT \
    RABBITMQ_UI_PORT RABBITMQ_DIST_PORT EPMD_PORT; do
    export "$name=$((TEST_PORT_BASE + offset++))"
done
# Small: two of them start on a machine that may run a system already.
export POSTGRES_SHARED_BUFFERS_MB=128

# shellcheck source-path=SCRIPTDIR source=../deploy/local/lib.sh
source deploy/local/lib.sh

# Where the tests find the system.
export ORDERS_URL=http://127.0.0.1:$ORDERS_HTTP_PORT PAYMENTS_URL=http://127.0.0.1:$PAYMENTS_HTTP_PORT
export ORDERS_GRPC=127.0.0.1:$ORDERS_GRPC_PORT PAYMENTS_GRPC=127.0.0.1:$PAYMENTS_GRPC_PORT
export FRONTEND_URL=http://127.0.0.1:$FRONTEND_PORT
export ORDERS_DATABASE_URL="host=127.0.0.1 port=$ORDERS_DB_PORT dbname=orders user=orders_service password=$ORDERS_SERVICE_PASSWORD"
export PAYMENTS_DATABASE_URL="host=127.0.0.1 port=$PAYMENTS_DB_PORT dbname=payments user=payments_service password=$PAYMENTS_SERVICE_PASSWORD"
export ORDERS_OWNER_DATABASE_URL="host=127.0.0.1 port=$ORDERS_DB_PORT dbname=orders user=orders_owner password=$ORDERS_OWNER_PASSWORD"
export PAYMENTS_OWNER_DATABASE_URL="host=127.0.0.1 port=$PAYMENTS_DB_PORT dbname=payments user=payments_owner password=$PAYMENTS_OWNER_PASSWORD"
export AMQP_ADMIN_URL=amqp://guest:$RABBITMQ_GUEST_PASSWORD@127.0.0.1:$AMQP_PORT/
export RABBITMQ_MANAGEMENT_URL=http://guest:$RABBITMQ_GUEST_PASSWORD@127.0.0.1:$RABBITMQ_UI_PORT

# Ends the private system, and its data with it.
clean_up() {
    local data
    deploy/local/down.sh || true
    data=$(readlink -f "$LOCAL_DIR/data") && rm -rf "$data"
    rm -rf "$LOCAL_DIR/data"
}
