#!/bin/sh
# Generates the Go code of proto/ into gen/, with the plugins that go.mod pins
# and the system's protoc. Does nothing when gen/ is already up to date.
set -eu
cd "$(dirname "$0")/.."

fingerprint() {
  find proto -name '*.proto' | LC_ALL=C sort | xargs cat -- \
    gateway/generate.sh gateway/rest_orders.yaml gateway/rest_payments.yaml go.mod |
    sha256sum
}

stamp=gen/.fingerprint
want=$(fingerprint)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
  exit 0
fi

bin=$PWD/.tools/bin
mkdir -p "$bin"
GOBIN=$bin go install \
  google.golang.org/protobuf/cmd/protoc-gen-go \
  google.golang.org/grpc/cmd/protoc-gen-go-grpc \
  github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway

# Written elsewhere first, so that a failed run leaves no half of gen/.
out=$(mktemp -d .tools/gen.XXXXXX)
trap 'rm -rf "$out"' EXIT
chmod 755 "$out"

generate() { # <service> <proto file>...: types, gRPC, and REST by the service's rules
  service=$1
  shift
  PATH=$bin:$PATH protoc -I proto \
    --go_out="$out" --go_opt=module=orderspayments/gen \
    --go-grpc_out="$out" --go-grpc_opt=module=orderspayments/gen \
    --grpc-gateway_out="$out" --grpc-gateway_opt=module=orderspayments/gen \
    --grpc-gateway_opt="grpc_api_configuration=gateway/rest_$service.yaml" \
    "$@"
}
generate orders proto/orders/v1/orders.proto proto/orders/events/v1/payment_requested.proto
generate payments proto/payments/v1/payments.proto proto/payments/events/v1/payment_processed.proto
PATH=$bin:$PATH protoc -I proto --go_out="$out" --go_opt=module=orderspayments/gen \
  proto/messaging/v1/event_batch.proto

printf '%s\n' "$want" >"$out/.fingerprint"
rm -rf gen
mv "$out" gen
