package main

import (
	"testing"
	"time"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	up        = healthpb.HealthCheckResponse_SERVING
	down      = healthpb.HealthCheckResponse_NOT_SERVING
	anonymous = "X-User-Id:"
)

func TestHealthIsTheServicesOwn(t *testing.T) {
	g := startOrders(t)
	for _, test := range []struct {
		service, database, broker healthpb.HealthCheckResponse_ServingStatus
		status                    int
		reasons                   []fieldError
	}{
		{up, up, up, 200, nil},
		{up, up, down, 200, nil},
		{down, down, up, 503, []fieldError{{"service", notServing}, {"database", notServing}}},
		{down, down, down, 503, []fieldError{{"service", notServing}, {"database", notServing}, {"broker", notServing}}},
	} {
		g.service.health.SetServingStatus("", test.service)
		g.service.health.SetServingStatus("database", test.database)
		g.service.health.SetServingStatus("broker", test.broker)
		a := g.send(t, "GET", "/health", "", anonymous)
		if test.status == 200 {
			if a.status != 200 || a.body != `{"status":"ok"}` || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("%v: got %d %s", test, a.status, a.body)
			}
			continue
		}
		wantProblem(t, a, 503, "UNAVAILABLE")
		if got := a.problem().Errors; len(got) != len(test.reasons) {
			t.Errorf("%v: got %v", test, got)
		}
		for i, got := range a.problem().Errors {
			if got != test.reasons[i] {
				t.Errorf("%v: got %v", test, got)
			}
		}
	}
}

func TestWithoutTheServiceOnlyHealthSuffers(t *testing.T) {
	g := startOrders(t)
	if a := g.send(t, "GET", "/health", ""); a.status != 200 {
		t.Fatalf("got %d", a.status)
	}
	g.grpc.Stop()
	start := time.Now()
	a := g.send(t, "GET", "/health", "", anonymous)
	wantProblem(t, a, 503, "UNAVAILABLE")
	if got := a.problem().Errors; len(got) != 1 || got[0] != (fieldError{"service", unreachable}) {
		t.Errorf("got %v", got)
	}
	if elapsed := time.Since(start); elapsed > 3*time.Second {
		t.Errorf("took %v", elapsed)
	}
	if a := g.send(t, "GET", "/live", "", anonymous); a.status != 200 || a.body != `{"status":"ok"}` {
		t.Errorf("/live: got %d", a.status)
	}
	a = g.send(t, "POST", "/orders", goodOrder)
	wantProblem(t, a, 503, "UNAVAILABLE")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
