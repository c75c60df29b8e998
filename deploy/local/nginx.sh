#!/usr/bin/env bash
# Usage: nginx.sh prepare DIR    nginx's configuration and working folder in DIR
#        nginx.sh run DIR        becomes nginx
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

prepare() {
    export NGINX_DIR=$1
    export FRONTEND_LISTEN=$BIND_ADDRESS:$FRONTEND_PORT
    export FRONTEND_ROOT=$ROOT_DIR/frontend/page
    export ORDERS_UPSTREAM=$LOCAL_ADDRESS:$ORDERS_HTTP_PORT
    export PAYMENTS_UPSTREAM=$LOCAL_ADDRESS:$PAYMENTS_HTTP_PORT

    mkdir -p "$NGINX_DIR"
    render "$LIB_DIR/nginx.conf.template" NGINX_DIR >"$NGINX_DIR/nginx.conf"
    render "$ROOT_DIR/frontend/nginx/default.conf.template" FRONTEND_LISTEN FRONTEND_ROOT \
        ORDERS_UPSTREAM PAYMENTS_UPSTREAM >"$NGINX_DIR/default.conf"
    ((EUID != 0)) || chown -R "$(application_user)" "$NGINX_DIR"
}

# Workers whose master was killed live on and keep its port.
run() {
    local orphans
    mapfile -t orphans < <(nginx_pids)
    ((${#orphans[@]} == 0)) || kill -KILL "${orphans[@]}" || true
    exec "$(command -v nginx || echo /usr/sbin/nginx)" -c "$1/nginx.conf"
}

case ${1:-} in
prepare) prepare "$2" ;;
run) run "$2" ;;
*) die "usage: nginx.sh prepare|run DIR" ;;
esac
