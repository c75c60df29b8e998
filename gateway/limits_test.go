package main

import (
	"context"
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"

	ordersv1 "orderspayments/gen/orders/v1"
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

func TestAWatcherTooManyIsRefusedAndTakesNoPlaceOfACall(t *testing.T) {
	g := startGateway(t, map[string]string{"BACKEND": "orders", "CALLS_MAX": "1", "WATCHERS_MAX": "1"})
	g.service.watch = func(send func(ordersv1.Order_Status) error, gone <-chan struct{}) error {
		err := send(ordersv1.Order_NEW)
		<-gone
		return err
	}
	first := g.watch(t)
	first.next()
	wantProblem(t, g.send(t, http.MethodGet, eventsPath, ""), http.StatusServiceUnavailable, "OVERLOADED")
	wantProblem(t, g.send(t, http.MethodGet, orderPath+"?wait=1s", ""), http.StatusServiceUnavailable, "OVERLOADED")
	for range 2 {
		if a := g.send(t, http.MethodPost, "/orders", goodOrder); a.status != http.StatusCreated {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	first.leave()
	eventually(t, func() bool { return g.send(t, http.MethodGet, orderPath+"?wait=1ms", "").status == http.StatusOK })
}
