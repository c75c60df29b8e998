#!/bin/sh
# Run by the image once, on an empty volume: the roles and the database of $SERVICE.
set -eu
psql -X -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
    -v database="$SERVICE" -v owner="${SERVICE}_owner" -v owner_password="$OWNER_PASSWORD" \
    -v service="${SERVICE}_service" -v service_password="$SERVICE_PASSWORD" \
    -v auditor_password="$AUDITOR_PASSWORD" -f - </opt/database.sql
