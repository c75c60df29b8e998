#!/bin/sh
# The roles and the database of $SERVICE, on the server $PGHOST.
set -eu
# shellcheck source-path=SCRIPTDIR source=passwords.sh
. /opt/passwords.sh
check_passwords OWNER_PASSWORD SERVICE_PASSWORD AUDITOR_PASSWORD
exec psql -X -q -v ON_ERROR_STOP=1 -U postgres -d postgres \
    -v database="$SERVICE" -v owner="${SERVICE}_owner" -v owner_password="$OWNER_PASSWORD" \
    -v service="${SERVICE}_service" -v service_password="$SERVICE_PASSWORD" \
    -v auditor_password="$AUDITOR_PASSWORD" -f - </opt/database.sql
