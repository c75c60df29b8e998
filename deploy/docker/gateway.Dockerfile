FROM golang:1.26 AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libprotobuf-dev protobuf-compiler \
    && rm -rf /var/lib/apt/lists/*
ENV GOCACHE=/var/cache/go-build
WORKDIR /src
COPY go.mod go.sum ./
COPY proto proto
COPY gateway gateway
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/var/cache/go-build \
    gateway/generate.sh \
    && CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /gateway ./gateway

FROM debian:trixie-slim
RUN useradd --system --uid 10001 --no-create-home app \
    && install -d -o app /run/orders-payments
COPY deploy/docker/healthy.sh /usr/local/bin/healthy
COPY --from=build /gateway /usr/local/bin/gateway
USER 10001
CMD ["gateway"]
