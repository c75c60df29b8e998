#!/usr/bin/env bash
# Usage: postgres.sh prepare NAME DATA PORT    the cluster and its configuration
#        postgres.sh command DATA              prints the command line of its server
#        postgres.sh database NAME PORT        waits for the server; roles and database
# NAME is orders or payments.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

USER_NAME=$(infrastructure_user postgres)

# The version that made the data, else the newest installed.
bin_dir() {
    local version
    version=$(cat "$1/PG_VERSION" 2>/dev/null || find /usr/lib/postgresql -mindepth 1 \
        -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
    [[ -x /usr/lib/postgresql/$version/bin/postgres ]] ||
        die "$1 needs Postgres $version, which is not installed"
    echo "/usr/lib/postgresql/$version/bin"
}

# Made beside its place and renamed, so that a half-made one is never taken for whole.
create_cluster() {
    local data=$1 new=$1.new password_file=$1.password
    rm -rf "$new"
    install -m 600 /dev/null "$password_file"
    echo "$POSTGRES_PASSWORD" >"$password_file"
    ((EUID != 0)) || chown "$USER_NAME" "$password_file"
    install -d -m 700 "$new"
    ((EUID != 0)) || chown "$USER_NAME" "$new"
    run_as "$USER_NAME" "$(bin_dir "$data")/initdb" --pgdata="$new" --username=postgres \
        --pwfile="$password_file" --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 \
        --data-checksums >"$LOG_DIR/initdb-$(basename "$data").log" ||
        die "initdb failed, see $LOG_DIR/initdb-$(basename "$data").log"
    rm "$password_file"
    mv "$new" "$data"
}

# Few and long checkpoints; every commit is on disk before it is answered.
configure() {
    cat <<END
listen_addresses = '127.0.0.1'
port = $2
unix_socket_directories = ''
cluster_name = '$1'
max_connections = 100
password_encryption = 'scram-sha-256'
fsync = on
synchronous_commit = on
shared_buffers = ${POSTGRES_SHARED_BUFFERS_MB}MB
wal_compression = on
max_wal_size = 4GB
checkpoint_timeout = 15min
log_line_prefix = '%m [%p] %q%u@%d '
log_timezone = 'UTC'
timezone = 'UTC'
END
}

prepare() {
    local name=$1 data=$2 port=$3
    [[ -e $data/PG_VERSION ]] || create_cluster "$data"
    configure "$name" "$port" >"$data/postgresql.conf"
    echo 'host all all 127.0.0.1/32 scram-sha-256' >"$data/pg_hba.conf"
}

database() {
    local name=$1 port=$2 bin owner_password=${1^^}_OWNER_PASSWORD service_password=${1^^}_SERVICE_PASSWORD
    bin=$(bin_dir /)
    wait_until "$START_TIMEOUT" "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" ||
        die "Postgres for $name is not ready, see $LOG_DIR/postgres-$name.log"
    PGPASSWORD=$POSTGRES_PASSWORD "$bin/psql" -X -q -v ON_ERROR_STOP=1 \
        -h 127.0.0.1 -p "$port" -U postgres -d postgres \
        -v database="$name" -v owner="${name}_owner" -v owner_password="${!owner_password}" \
        -v service="${name}_service" -v service_password="${!service_password}" \
        -v auditor_password="$AUDITOR_PASSWORD" -f - <"$LIB_DIR/../postgres/database.sql"
}

case ${1:-} in
prepare) prepare "$2" "$3" "$4" ;;
command) echo "$(bin_dir "$2")/postgres -D $2" ;;
database) database "$2" "$3" ;;
*) die "usage: postgres.sh prepare|command|database ..." ;;
esac
