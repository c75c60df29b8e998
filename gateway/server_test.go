package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	ordersv1 "orderspayments/gen/orders/v1"
)

// freeAddress is an address on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener := listen(t)
	defer listener.Close()
	return listener.Addr().String()
}

func TestStopLetsARequestUnderWayFinish(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	s := &service{fail: func(context.Context) error {
		close(arrived)
		<-release
		return nil
	}}
	socket := t.TempDir() + "/orders.sock"
	serveOrders(t, "unix", socket, s)
	address, metricsAddress := freeAddress(t), freeAddress(t)
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	settings := testSettings(t, map[string]string{
		"BACKEND": "orders", "HTTP_LISTEN": address, "METRICS_LISTEN": metricsAddress, "GRPC_TARGET": "unix:" + socket,
	})
	go func() { stopped <- run(ctx, settings, slog.New(slog.DiscardHandler)) }()
	g := &gateway{address: address, service: s}
	eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})

	answered := make(chan answer, 1)
	go func() { answered <- g.send(t, "POST", "/orders", goodOrder) }()
	<-arrived
	stop()
	eventually(t, func() bool {
		_, err := net.Dial("tcp", address)
		return err != nil
	})
	close(release)
	if a := <-answered; a.status != 201 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestARestartedServiceIsReachedSoon(t *testing.T) {
	address := freeAddress(t)
	link, err := dial([]string{address}, ordersRoutes)
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	client := ordersv1.NewOrdersServiceClient(link.serving)
	for range 2 {
		server := serveOrders(t, "tcp", address, &service{})
		start := time.Now()
		eventually(t, func() bool {
			_, err := client.ListOrders(context.Background(), &ordersv1.ListOrdersRequest{})
			return err == nil
		})
		if elapsed := time.Since(start); elapsed > 2*reconnectBackoffMax {
			t.Errorf("reached after %v", elapsed)
		}
		server.Stop()
	}
}

func TestMetricsCountByRouteOnly(t *testing.T) {
	g := startOrders(t)
	g.send(t, "GET", "/orders/"+orderID, "")
	g.send(t, "GET", "/nope", "")
	g.send(t, "BREW", "/orders", "")
	server := newServer(testSettings(t, map[string]string{"BACKEND": "orders"}), g.metrics.handler(), slog.New(slog.DiscardHandler))
	listener := listen(t)
	go server.Serve(listener)
	defer server.Close()
	response, err := http.Get("http://" + listener.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`gateway_http_requests_total{method="GET",route="/orders/{id}",status="200"} 1`,
		`gateway_http_requests_total{method="other",route="other",status="404"} 1`,
		`gateway_http_requests_total{method="other",route="other",status="405"} 1`,
		"go_goroutines",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("missing: %s", want)
		}
	}
}

// serveOrders serves s until the test ends or the server is stopped.
func serveOrders(t *testing.T, network, address string, s *service) *grpc.Server {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	ordersv1.RegisterOrdersServiceServer(server, s)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return server
}

// eventually polls a condition that must come true within seconds.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-deadline:
			t.Fatal("did not come true in time")
		case <-ticker.C:
		}
	}
}
