#!/bin/sh
# The roles and the database of $SERVICE, on the server $PGHOST.
set -eu
for name in OWNER_PASSWORD SERVICE_PASSWORD AUDITOR_PASSWORD; do
    case $(printenv "$name") in
    '' | *[!A-Za-z0-9._~-]*)
        echo "error: $name of $SERVICE must consist of letters, digits and . _ ~ -" >&2
        exit 1
        ;;
    esac
done
exec psql -X -q -v ON_ERROR_STOP=1 -U postgres -d postgres \
    -v database="$SERVICE" -v owner="${SERVICE}_owner" -v owner_password="$OWNER_PASSWORD" \
    -v service="${SERVICE}_service" -v service_password="$SERVICE_PASSWORD" \
    -v auditor_password="$AUDITOR_PASSWORD" -f - </opt/database.sql
