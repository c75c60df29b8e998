package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// statusRoutes are answered by the gateway itself, for anybody.
var statusRoutes = []*route{
	{method: http.MethodGet, pattern: livePath, success: http.StatusOK},
	{method: http.MethodGet, pattern: healthPath, success: http.StatusOK},
}

const (
	// livePath says that this process runs.
	livePath = "/live"
	// healthPath says whether the service can serve.
	healthPath = "/health"
)

func (f *front) serveStatus(w http.ResponseWriter, r *http.Request, route *route) *problem {
	if p := checkQuery(r.URL.RawQuery, route); p != nil {
		return p
	}
	if route.pattern == healthPath {
		if p := f.health.run(r.Context()); p != nil {
			return p
		}
	}
	w.Header().Set("Content-Type", "application/json")
	// A failure here is a client that left; there is nobody to tell.
	_, _ = w.Write([]byte(`{"status":"ok"}`))
	return nil
}

// healthCheck asks the service's grpc.health.v1.
type healthCheck struct {
	serving, whichever healthpb.HealthClient
	// timeout bounds run, whatever the service does.
	timeout time.Duration
}

func newHealthCheck(link *link, timeout time.Duration) *healthCheck {
	return &healthCheck{
		serving: healthpb.NewHealthClient(link.serving), whichever: healthpb.NewHealthClient(link.whichever),
		timeout: timeout,
	}
}

// dependencies are the health service names from which the reasons are made.
// A dependency that is away is a reason only if the service cannot serve.
var dependencies = []string{"database", "broker"}

// run returns nil if the service can serve, else the reasons.
func (h *healthCheck) run(ctx context.Context) *problem {
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	if check(ctx, h.serving, "") == "" {
		return nil
	}
	service := check(ctx, h.whichever, "")
	if service == "" {
		return nil
	}
	p := newProblem(http.StatusServiceUnavailable, "UNAVAILABLE", "The service cannot serve.").
		with("Retry-After", retryAfterSeconds)
	p.errors = append(p.errors, fieldError{"service", service})
	if service == unreachable {
		return p
	}
	faults := make([]string, len(dependencies))
	var group sync.WaitGroup
	for i, name := range dependencies {
		group.Go(func() { faults[i] = check(ctx, h.whichever, name) })
	}
	group.Wait()
	for i, fault := range faults {
		if fault != "" {
			p.errors = append(p.errors, fieldError{dependencies[i], fault})
		}
	}
	return p
}

const (
	unreachable = "unreachable"
	notServing  = "not serving"
)

// check returns what is wrong with name, or "".
func check(ctx context.Context, client healthpb.HealthClient, name string) string {
	reply, err := client.Check(ctx, &healthpb.HealthCheckRequest{Service: name})
	switch {
	case err != nil:
		return unreachable
	case reply.GetStatus() != healthpb.HealthCheckResponse_SERVING:
		return notServing
	}
	return ""
}
