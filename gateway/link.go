package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	grpcbackoff "google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	// Lets a client watch which copies of the service can serve.
	_ "google.golang.org/grpc/health"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
)

const (
	// A restarted service is found again within about a quarter of a second.
	reconnectBackoffMin = 50 * time.Millisecond
	reconnectBackoffMax = 250 * time.Millisecond
	// copyTimeout is how long a call waits for a copy while none can be reached: more than
	// reconnectBackoffMax, so that the last copy may stop as soon as the next one is up.
	copyTimeout    = time.Second
	connectTimeout = time.Second
	// A silent link with calls on it is declared dead after both together.
	keepaliveTime    = 30 * time.Second
	keepaliveTimeout = 5 * time.Second
	// windowBytes is what the service may send unread, of one answer and of all together: more
	// than the largest answer. A fixed window saves the ping and the window update with
	// which gRPC otherwise probes, with each answer, how large it should be.
	windowBytes = 1 << 20
	// readAttemptsMax is how often a read is tried while the service is away.
	readAttemptsMax = 3
)

// link is how the service is reached, all copies of it.
type link struct {
	// serving carries the calls: in turn to the copies that say they can serve.
	// A copy that stops says so first, so that no call meets its end; a call that finds
	// none waits for the next, for copyTimeout. The only copy gets every call, at once.
	serving *grpc.ClientConn
	// whichever also reaches copies that say they cannot serve, to ask them why.
	whichever *grpc.ClientConn
}

// dial returns at once; links are made, and made again, in the background.
// Calls fail with UNAVAILABLE while all copies are away. targets are host:port
// or unix:/absolute/path.
func dial(targets []string, routes []*route) (*link, error) {
	config := map[string]any{"loadBalancingConfig": []any{map[string]any{"round_robin": map[string]any{}}}}
	maps.Copy(config, retryReads(routes))
	whichever, err := newClient(targets, config)
	if err != nil {
		return nil, err
	}
	if len(targets) == 1 {
		return &link{serving: whichever, whichever: whichever}, nil
	}
	config["healthCheckConfig"] = map[string]any{"serviceName": ""}
	serving, err := newClient(targets, config,
		grpc.WithUnaryInterceptor(callAwaitingCopy), grpc.WithStreamInterceptor(streamAwaitingCopy))
	if err != nil {
		return nil, errors.Join(err, whichever.Close())
	}
	return &link{serving: serving, whichever: whichever}, nil
}

// Close ends the calls under way.
func (l *link) Close() error {
	err := l.serving.Close()
	if l.whichever != l.serving {
		err = errors.Join(err, l.whichever.Close())
	}
	return err
}

func newClient(targets []string, serviceConfig map[string]any, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	config, err := json.Marshal(serviceConfig)
	if err != nil {
		return nil, err
	}
	copies := manual.NewBuilderWithScheme("copies")
	var state resolver.State
	for _, target := range targets {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: target})
	}
	copies.InitialState(state)
	conn, err := grpc.NewClient(copies.Scheme()+":///service", append(more,
		grpc.WithResolvers(copies),
		grpc.WithContextDialer(dialTarget),
		grpc.WithAuthority("service"),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithIdleTimeout(0),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultServiceConfig(string(config)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: grpcbackoff.Config{
				BaseDelay: reconnectBackoffMin, Multiplier: 1.6, Jitter: 0.2, MaxDelay: reconnectBackoffMax,
			},
			MinConnectTimeout: connectTimeout,
		}),
		grpc.WithStaticStreamWindowSize(windowBytes),
		grpc.WithStaticConnWindowSize(windowBytes),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
	)...)
	if err != nil {
		return nil, err
	}
	conn.Connect()
	return conn, nil
}

// awaitCopy returns when there is a copy to call, or after copyTimeout. Copies restarted in turn
// leave moments in which one already refuses and the link to the next is not made yet.
func awaitCopy(ctx context.Context, conn *grpc.ClientConn) {
	state := conn.GetState()
	if state == connectivity.Ready {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, copyTimeout)
	defer cancel()
	for state != connectivity.Ready && conn.WaitForStateChange(ctx, state) {
		state = conn.GetState()
	}
}

func callAwaitingCopy(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	awaitCopy(ctx, conn)
	return invoke(ctx, method, request, reply, conn, options...)
}

func streamAwaitingCopy(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string,
	open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	awaitCopy(ctx, conn)
	return open(ctx, desc, conn, method, options...)
}

// dialTarget looks a host's name up at each attempt, so that a service that came
// back under another address is found.
func dialTarget(ctx context.Context, target string) (net.Conn, error) {
	var dialer net.Dialer
	if path, ok := strings.CutPrefix(target, "unix:"); ok {
		return dialer.DialContext(ctx, "unix", path)
	}
	return dialer.DialContext(ctx, "tcp", target)
}

// retryReads is a part of a gRPC service config: UNAVAILABLE reads are tried again, and
// ever less the more of them fail; writes are never repeated by the gateway.
func retryReads(routes []*route) map[string]any {
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
	return map[string]any{
		"methodConfig": []any{map[string]any{
			"name": reads,
			"retryPolicy": map[string]any{
				"maxAttempts": readAttemptsMax, "initialBackoff": "0.05s", "maxBackoff": "0.5s",
				"backoffMultiplier": 2, "retryableStatusCodes": []string{"UNAVAILABLE"},
			},
		}},
		"retryThrottling": map[string]any{"maxTokens": 10, "tokenRatio": 0.1},
	}
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
