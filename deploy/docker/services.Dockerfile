# orders-service and payments-service; choose by --target.
FROM debian:trixie-slim AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ccache cmake g++ ninja-build pkg-config \
        libabsl-dev libgrpc++-dev libpq-dev libpqxx-dev libprotobuf-dev librabbitmq-dev libspdlog-dev \
        prometheus-cpp-dev protobuf-compiler protobuf-compiler-grpc libcurl4-openssl-dev \
        zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
ENV CCACHE_DIR=/var/cache/ccache
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY proto proto
COPY platform platform
COPY orders orders
COPY payments payments
RUN --mount=type=cache,target=/var/cache/ccache \
    cmake --preset release -DBUILD_TESTING=OFF \
    && cmake --build --preset release --target orders-service payments-service \
    && strip build/release/orders/orders-service build/release/payments/payments-service

FROM debian:trixie-slim AS runtime
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libgrpc++1.51t64 libpqxx-7.10 librabbitmq4 libspdlog1.15 \
        libpq5 libprometheus-cpp-core1.0 libprometheus-cpp-pull1.0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home app \
    && install -d -o app /run/orders-payments
COPY deploy/docker/healthy.sh /usr/local/bin/healthy
USER 10001

FROM runtime AS orders-service
COPY --from=build /src/build/release/orders/orders-service /usr/local/bin/
CMD ["orders-service"]

FROM runtime AS payments-service
COPY --from=build /src/build/release/payments/payments-service /usr/local/bin/
CMD ["payments-service"]
