#!/usr/bin/env bash
# The main example against the running system: a new user opens an account, tops up and
# orders; one order is paid, one too dear is cancelled. Fails when anything is otherwise.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ORDERS=http://$LOCAL_ADDRESS:$ORDERS_HTTP_PORT
PAYMENTS=http://$LOCAL_ADDRESS:$PAYMENTS_HTTP_PORT
USER_ID=demo-$(date +%s)-$$
REQUEST_SECONDS=15
SETTLE_SECONDS=30

# call METHOD URL [BODY]: shows the request and its answer, which is left in $answer.
call() {
    local body=()
    [[ -z ${3:-} ]] || body=(-H 'Content-Type: application/json' -d "$3")
    printf '\n%s %s %s\n' "$1" "$2" "${3:-}"
    answer=$(curl -sS --fail-with-body --max-time "$REQUEST_SECONDS" -X "$1" "$2" \
        -H "X-User-Id: $USER_ID" "${body[@]}") || die "refused: $answer"
    printf '  %s\n' "$answer"
}

# expect TEXT: fails unless it is part of the answer.
expect() { [[ $answer == *"$1"* ]] || die "expected $1"; }

field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" <<<"$answer"; }

settled() {
    call GET "$ORDERS/orders/$1"
    [[ $(field status) != NEW ]]
}

# order AMOUNT DESCRIPTION STATUS: orders, and polls until the order settles so.
order() {
    call POST "$ORDERS/orders" "{\"amount\":$1,\"description\":\"$2\"}"
    expect '"status":"NEW"'
    wait_until "$SETTLE_SECONDS" settled "$(field id)" || die "not settled in $SETTLE_SECONDS s"
    expect "\"status\":\"$3\""
}

call POST "$PAYMENTS/accounts" '{}'
call POST "$PAYMENTS/accounts/topup" '{"amount":1000}'
call GET "$PAYMENTS/accounts/balance"
expect '"balance":1000'
order 100 coffee FINISHED
order 5000 yacht CANCELLED
expect '"cancel_reason":"INSUFFICIENT_FUNDS"'
call GET "$PAYMENTS/accounts/balance"
expect '"balance":900'
printf '\nOK: one order FINISHED, one CANCELLED, balance 900\n'
