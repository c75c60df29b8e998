#!/bin/sh
# Fills the passwords into the definitions, which the broker loads at every boot.
set -eu
umask 077
# shellcheck source-path=SCRIPTDIR source=passwords.sh
. /opt/passwords.sh
check_passwords RABBITMQ_GUEST_PASSWORD ORDERS_AMQP_PASSWORD PAYMENTS_AMQP_PASSWORD OPERATOR_AMQP_PASSWORD
sed -e "s/\${RABBITMQ_GUEST_PASSWORD}/$RABBITMQ_GUEST_PASSWORD/" \
    -e "s/\${ORDERS_AMQP_PASSWORD}/$ORDERS_AMQP_PASSWORD/" \
    -e "s/\${PAYMENTS_AMQP_PASSWORD}/$PAYMENTS_AMQP_PASSWORD/" \
    -e "s/\${OPERATOR_AMQP_PASSWORD}/$OPERATOR_AMQP_PASSWORD/" \
    /opt/definitions.json.template >/var/lib/rabbitmq/definitions.json
exec docker-entrypoint.sh rabbitmq-server
