#!/usr/bin/env bash
# Usage: supervisor.sh DATA: prints the supervisor's configuration for the whole system.
# Three groups, stopped in reverse: infrastructure, services, edge. Nothing starts by
# itself; once started, what dies is started again without end.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

DATA=$1
BIN=$ROOT_DIR/build/release
APPLICATION_USER=$(application_user)
LOG_BYTES=20MB
LOG_BACKUPS=3
# Far more than a process's own limit of connections needs.
MAX_OPEN_FILES=65536
RETRIES=1000000000

max_open_files() {
    local hard
    hard=$(ulimit -Hn)
    if [[ $hard == unlimited ]] || ((hard > MAX_OPEN_FILES)); then hard=$MAX_OPEN_FILES; fi
    echo "$hard"
}

head_section() {
    cat <<END
[supervisord]
pidfile=$RUN_DIR/supervisord.pid
logfile=$LOG_DIR/supervisord.log
logfile_maxbytes=$LOG_BYTES
logfile_backups=$LOG_BACKUPS
childlogdir=$LOG_DIR
directory=/
minfds=$(max_open_files)
$( ((EUID != 0)) || echo user=root)

[unix_http_server]
file=$RUN_DIR/supervisor.sock
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://$RUN_DIR/supervisor.sock
END
}

# group NAME PRIORITY PROGRAM...
group() {
    local IFS=,
    printf '\n[group:%s]\nprograms=%s\npriority=%s\n' "$1" "${*:3}" "$2"
}

# program NAME USER STOP_SIGNAL STOP_SECONDS COMMAND; its environment, as NAME=value lines,
# comes on stdin.
program() {
    local environment
    environment=$(sed 's/%/%%/g; s/^\([^=]*\)=\(.*\)$/    \1="\2",/')
    cat <<END

[program:$1]
command=$5
$( ((EUID != 0)) || echo "user=$2")
environment=
$environment
autostart=false
autorestart=true
startsecs=1
startretries=$RETRIES
stopsignal=$3
stopwaitsecs=$4
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile=$LOG_DIR/$1.log
stdout_logfile_maxbytes=$LOG_BYTES
stdout_logfile_backups=$LOG_BACKUPS
END
}

# A changed file changes its program's section, by which a running supervisor knows what to
# start anew.
sum_of() { echo "SUM=$(cat "$@" 2>/dev/null | cksum | tr ' ' -)"; }

infrastructure() {
    local name
    for name in orders payments; do
        program postgres-$name "$(infrastructure_user postgres)" INT 60 \
            "$("$LIB_DIR/postgres.sh" command "$DATA/postgres-$name")" </dev/null
    done
    program rabbitmq "$(infrastructure_user rabbitmq)" TERM 60 \
        /usr/lib/rabbitmq/bin/rabbitmq-server < <("$LIB_DIR/rabbitmq.sh" environment "$DATA/rabbitmq")
}

# service NAME: the C++ service, with its settings.
service() {
    local name=$1 upper=${1^^}
    local grpc=${upper}_GRPC_PORT metrics=${upper}_METRICS_PORT db=${upper}_DB_PORT
    local db_password=${upper}_SERVICE_PASSWORD amqp_password=${upper}_AMQP_PASSWORD
    program "$name-service" "$APPLICATION_USER" TERM 30 "$BIN/$name/$name-service" <<END
GRPC_LISTEN=$BIND_ADDRESS:${!grpc}
GRPC_SOCKET=$RUN_DIR/sockets/$name.sock
METRICS_LISTEN=127.0.0.1:${!metrics}
DATABASE_URL=host=127.0.0.1 port=${!db} dbname=$name user=${name}_service password=${!db_password}
AMQP_URL=amqp://$name:${!amqp_password}@127.0.0.1:$AMQP_PORT/
$(sum_of "$BIN/$name/$name-service")
END
}

gateway() {
    local name=$1 upper=${1^^}
    local http=${upper}_HTTP_PORT metrics=${upper}_GATEWAY_METRICS_PORT
    program "$name-gateway" "$APPLICATION_USER" TERM 30 "$BIN/gateway/gateway" <<END
BACKEND=$name
HTTP_LISTEN=$BIND_ADDRESS:${!http}
METRICS_LISTEN=127.0.0.1:${!metrics}
GRPC_TARGET=unix:$RUN_DIR/sockets/$name.sock
$(sum_of "$BIN/gateway/gateway")
END
}

head_section
group infrastructure 100 postgres-orders postgres-payments rabbitmq
infrastructure
group services 200 orders-service payments-service
service orders
service payments
group edge 300 orders-gateway payments-gateway nginx
gateway orders
gateway payments
program nginx "$APPLICATION_USER" QUIT 30 \
    "$LIB_DIR/nginx.sh run $LOCAL_DIR/nginx" \
    < <(sum_of "$LOCAL_DIR/nginx/nginx.conf" "$LOCAL_DIR/nginx/default.conf")
