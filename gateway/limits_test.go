package main

import (
	"context"
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
)

func TestACallTooManyIsRefusedAndTheNextOneServed(t *testing.T) {
	g := startGateway(t, map[string]string{"BACKEND": "orders", "CALLS_MAX": "1"})
	arrived, release := make(chan struct{}), make(chan struct{})
	g.service.fail = func(context.Context) error {
		close(arrived)
		<-release
		return failWith(codes.NotFound, "ORDER_NOT_FOUND", "no such order")
	}
	first := make(chan answer, 1)
	go func() { first <- g.send(t, http.MethodGet, "/orders/"+orderID, "") }()
	<-arrived

	refused := g.send(t, http.MethodPost, "/orders", goodOrder)
	wantProblem(t, refused, http.StatusServiceUnavailable, "OVERLOADED")
	if got := refused.header.Get("Retry-After"); got != retryAfterSeconds {
		t.Errorf("Retry-After %q", got)
	}
	wantProblem(t, g.send(t, http.MethodPost, "/orders", goodOrder, "X-User-Id:"), http.StatusUnauthorized, "MISSING_USER_ID")
	if a := g.send(t, http.MethodGet, "/live", ""); a.status != http.StatusOK {
		t.Errorf("/live: %d", a.status)
	}

	close(release)
	wantProblem(t, <-first, http.StatusNotFound, "ORDER_NOT_FOUND")
	g.service.fail = nil
	if a := g.send(t, http.MethodPost, "/orders", goodOrder); a.status != http.StatusCreated {
		t.Errorf("%d %s", a.status, a.body)
	}
}
