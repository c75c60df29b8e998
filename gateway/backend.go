package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	grpcbackoff "google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	ordersv1 "orderspayments/gen/orders/v1"
	paymentsv1 "orderspayments/gen/payments/v1"
)

// backend is the service that a gateway stands beside.
type backend struct {
	routes   []*route
	register func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error

	// Defaults of the settings.
	httpListen, metricsListen, grpcTarget string
}

var backends = map[string]*backend{
	"orders": {
		routes:        ordersRoutes,
		register:      ordersv1.RegisterOrdersServiceHandler,
		httpListen:    "127.0.0.1:8080",
		metricsListen: "127.0.0.1:9280",
		grpcTarget:    "127.0.0.1:9080",
	},
	"payments": {
		routes:        paymentsRoutes,
		register:      paymentsv1.RegisterPaymentsServiceHandler,
		httpListen:    "127.0.0.1:8081",
		metricsListen: "127.0.0.1:9281",
		grpcTarget:    "127.0.0.1:9081",
	},
}

const (
	// A restarted service is found again within about a second.
	reconnectBackoffMin = 50 * time.Millisecond
	reconnectBackoffMax = time.Second
	connectTimeout      = time.Second
	// A silent link with calls on it is declared dead after both together.
	keepaliveTime    = 30 * time.Second
	keepaliveTimeout = 5 * time.Second
	// readAttemptsMax is how often a read is tried while the service is away.
	readAttemptsMax = 3
)

// dial returns at once; the link is made, and made again, in the background.
// Calls fail with UNAVAILABLE while it is down.
func dial(target string, routes []*route) (*grpc.ClientConn, error) {
	if !strings.HasPrefix(target, "unix:") {
		// Resolved by the dialer at each attempt, so that a service that came
		// back under another address is found.
		target = "passthrough:///" + target
	}
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithNoProxy(),
		grpc.WithIdleTimeout(0),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultServiceConfig(retryReads(routes)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: grpcbackoff.Config{
				BaseDelay: reconnectBackoffMin, Multiplier: 1.6, Jitter: 0.2, MaxDelay: reconnectBackoffMax,
			},
			MinConnectTimeout: connectTimeout,
		}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
	)
	if err != nil {
		return nil, err
	}
	conn.Connect()
	return conn, nil
}

// retryReads is a gRPC service config: UNAVAILABLE reads are tried again, and
// ever less the more of them fail; writes are never repeated by the gateway.
func retryReads(routes []*route) string {
	type name struct {
		Service string `json:"service"`
		Method  string `json:"method"`
	}
	var reads []name
	for _, each := range routes {
		if each.isRead() {
			service, method, _ := strings.Cut(strings.TrimPrefix(each.rpc, "/"), "/")
			reads = append(reads, name{service, method})
		}
	}
	config, err := json.Marshal(map[string]any{
		"methodConfig": []any{map[string]any{
			"name": reads,
			"retryPolicy": map[string]any{
				"maxAttempts": readAttemptsMax, "initialBackoff": "0.05s", "maxBackoff": "0.5s",
				"backoffMultiplier": 2, "retryableStatusCodes": []string{"UNAVAILABLE"},
			},
		}},
		"retryThrottling": map[string]any{"maxTokens": 10, "tokenRatio": 0.1},
	})
	if err != nil {
		panic(err)
	}
	return string(config)
}

// logLinkChanges returns when ctx ends.
func logLinkChanges(ctx context.Context, conn *grpc.ClientConn, log *slog.Logger) {
	for state := conn.GetState(); conn.WaitForStateChange(ctx, state); {
		state = conn.GetState()
		if state == connectivity.Ready || state == connectivity.TransientFailure {
			log.Info("link to the service", "state", state.String())
		}
	}
}
