package main

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	ordersv1 "orderspayments/gen/orders/v1"
)

// startCopy serves one more copy of a service, as able to serve.
func startCopy(t *testing.T) (*service, string) {
	t.Helper()
	copied := &service{health: health.NewServer()}
	listener := listen(t)
	server := grpc.NewServer()
	ordersv1.RegisterOrdersServiceServer(server, copied)
	healthpb.RegisterHealthServer(server, copied.health)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return copied, listener.Addr().String()
}

func dialCopies(t *testing.T, targets ...string) *link {
	t.Helper()
	link, err := dial(targets, ordersRoutes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	return link
}

func createOver(link *link) error {
	_, err := ordersv1.NewOrdersServiceClient(link.serving).
		CreateOrder(context.Background(), &ordersv1.CreateOrderRequest{Amount: 1})
	return err
}

func TestCallsGoToTheCopiesThatCanServe(t *testing.T) {
	first, firstAddress := startCopy(t)
	second, secondAddress := startCopy(t)
	link := dialCopies(t, firstAddress, secondAddress)
	call := func() error { return createOver(link) }

	eventually(t, func() bool { return call() == nil && first.calls > 0 && second.calls > 0 })

	first.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	eventually(t, func() bool {
		before := first.calls
		for range 10 {
			if err := call(); err != nil {
				t.Errorf("while one copy stops: %v", err)
			}
		}
		return first.calls == before
	})

	second.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	eventually(t, func() bool { return status.Code(call()) == codes.Unavailable })

	first.health.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	eventually(t, func() bool { return call() == nil })
}

func TestACallWaitsForTheNextCopyButNotForLong(t *testing.T) {
	first, firstAddress := startCopy(t)
	second, secondAddress := startCopy(t)
	link := dialCopies(t, firstAddress, secondAddress)
	first.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	second.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	eventually(t, func() bool { return link.serving.GetState() == connectivity.TransientFailure })
	call := func() error { return createOver(link) }

	waiting := make(chan error, 1)
	go func() { waiting <- call() }()
	select {
	case err := <-waiting:
		t.Fatalf("did not wait: %v", err)
	case <-time.After(copyTimeout / 10):
	}
	second.health.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	if err := <-waiting; err != nil {
		t.Errorf("while the next copy comes: %v", err)
	}

	second.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	eventually(t, func() bool { return link.serving.GetState() == connectivity.TransientFailure })
	start := time.Now()
	if err := call(); status.Code(err) != codes.Unavailable {
		t.Errorf("without a copy: %v", err)
	}
	if waited := time.Since(start); waited < copyTimeout || waited > 2*copyTimeout {
		t.Errorf("waited %v", waited)
	}
}

func TestCopiesThatCannotServeAreAskedWhy(t *testing.T) {
	first, firstAddress := startCopy(t)
	second, secondAddress := startCopy(t)
	for _, each := range []*service{first, second} {
		each.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
		each.health.SetServingStatus("database", healthpb.HealthCheckResponse_NOT_SERVING)
		each.health.SetServingStatus("broker", healthpb.HealthCheckResponse_SERVING)
	}
	link := dialCopies(t, firstAddress, secondAddress)
	settings := testSettings(t, map[string]string{"BACKEND": "orders"})
	check := newHealthCheck(link, settings.healthTimeout)

	p := check.run(context.Background())
	if p == nil || len(p.errors) != 2 || p.errors[0] != (fieldError{"service", notServing}) || p.errors[1] != (fieldError{"database", notServing}) {
		t.Fatalf("got %+v", p)
	}

	second.health.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	eventually(t, func() bool { return check.run(context.Background()) == nil })
}
