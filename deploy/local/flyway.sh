#!/usr/bin/env bash
# Usage: flyway.sh NAME PORT: brings the database NAME (orders or payments) up to date.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

name=$1 port=$2
owner_password=${name^^}_OWNER_PASSWORD
log=$LOG_DIR/flyway-$name.log

# Flags that halve the start of a program which runs for a second.
FLYWAY_PASSWORD=${!owner_password} java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto \
    -cp "$TOOLS_DIR/flyway/*" org.flywaydb.commandline.Main \
    -url="jdbc:postgresql://127.0.0.1:$port/$name" -user="${name}_owner" \
    -locations="filesystem:$MIGRATIONS_DIR/$name" \
    -placeholders.service_role="${name}_service" -connectRetries=10 \
    migrate >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "the migration of $name failed, see $log"
}
