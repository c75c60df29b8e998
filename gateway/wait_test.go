package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	ordersv1 "orderspayments/gen/orders/v1"
)

const orderPath = "/orders/" + orderID

func TestAHeldAnswerIsTheSettledOrder(t *testing.T) {
	// Limits of other answers that a held one outlives.
	g := startGateway(t, map[string]string{
		"BACKEND":             "orders",
		"HEADER_READ_TIMEOUT": "100ms", "READ_TIMEOUT": "100ms", "REQUEST_TIMEOUT": "100ms", "WRITE_TIMEOUT": "1s",
	})
	g.service.watch = func(send func(ordersv1.Order_Status) error, gone <-chan struct{}) error {
		if err := send(ordersv1.Order_NEW); err != nil {
			return err
		}
		select {
		case <-time.After(1200 * time.Millisecond):
		case <-gone:
		}
		return send(ordersv1.Order_FINISHED)
	}
	a := g.send(t, "GET", orderPath+"?wait=30s", "")
	if a.status != 200 || a.header.Get("Content-Type") != "application/json" || !strings.Contains(a.body, `"status":"FINISHED"`) {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestAHeldAnswerIsTheOrderAsItIsWhenTheTimeIsUp(t *testing.T) {
	const wait = 300 * time.Millisecond
	g := startOrders(t)
	g.service.watch = func(send func(ordersv1.Order_Status) error, gone <-chan struct{}) error {
		err := send(ordersv1.Order_NEW)
		<-gone
		return err
	}
	start := time.Now()
	a := g.send(t, "GET", orderPath+"?wait="+wait.String(), "")
	if a.status != 200 || !strings.Contains(a.body, `"status":"NEW"`) {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if took := time.Since(start); took < wait || took > wait+3*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAHeldAnswerGoesOnAtAnotherCopy(t *testing.T) {
	g := startOrders(t)
	watches := 0
	g.service.watch = func(send func(ordersv1.Order_Status) error, _ <-chan struct{}) error {
		if watches++; watches == 2 {
			return send(ordersv1.Order_FINISHED)
		}
		if err := send(ordersv1.Order_NEW); err != nil {
			return err
		}
		return failWith(codes.Unavailable, "UNAVAILABLE", "stopping")
	}
	a := g.send(t, "GET", orderPath+"?wait=30s", "")
	if a.status != 200 || !strings.Contains(a.body, `"status":"FINISHED"`) || watches != 2 {
		t.Errorf("got %d %s after %d watches", a.status, a.body, watches)
	}
}

func TestAHeldAnswerWithoutAnotherCopyIsTheOrderAsItWas(t *testing.T) {
	g := startOrders(t)
	watches := 0
	g.service.watch = func(send func(ordersv1.Order_Status) error, _ <-chan struct{}) error {
		if watches++; watches == 1 {
			return send(ordersv1.Order_NEW)
		}
		return failWith(codes.Unavailable, "UNAVAILABLE", "stopping")
	}
	a := g.send(t, "GET", orderPath+"?wait=30s", "")
	if a.status != 200 || !strings.Contains(a.body, `"status":"NEW"`) {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestAnAnswerThatCannotBeHeldIsAProblem(t *testing.T) {
	g := startOrders(t)
	g.service.watch = func(func(ordersv1.Order_Status) error, <-chan struct{}) error {
		return failWith(codes.ResourceExhausted, "OVERLOADED", "too many")
	}
	a := g.send(t, "GET", orderPath+"?wait=30s", "")
	wantProblem(t, a, 503, "OVERLOADED")
	if got := a.header.Get("Retry-After"); got != retryAfterSeconds {
		t.Errorf("Retry-After %q", got)
	}
	if a := g.send(t, "GET", orderPath+"?wait=0s", ""); a.status != 200 {
		t.Errorf("not held: %d %s", a.status, a.body)
	}
}

func TestWhatCannotBeWaitedForIsAProblem(t *testing.T) {
	g := startOrders(t)
	g.service.fail = func(context.Context) error { return failWith(codes.NotFound, "ORDER_NOT_FOUND", "none") }
	wantProblem(t, g.send(t, "GET", orderPath+"?wait=1s", ""), 404, "ORDER_NOT_FOUND")
	g.service.calls = 0
	for _, query := range []string{
		"wait=", "wait=5", "wait=-1s", "wait=%2B1s", "wait=31s", "wait=1h", "wait=soon", "wait=1s&wait=2s", "wait=.5s",
	} {
		a := g.send(t, "GET", orderPath+"?"+query, "")
		wantProblem(t, a, 400, "INVALID_WAIT")
		if faults := a.problem().Errors; len(faults) != 1 || faults[0].Field != "wait" {
			t.Errorf("%s: names %v", query, faults)
		}
	}
	wantProblem(t, g.send(t, "GET", orderPath+"?wait=1s&foo=1", ""), 400, "UNKNOWN_PARAMETER")
	wantProblem(t, g.send(t, "GET", orderPath+"?awaits=1s", ""), 400, "UNKNOWN_PARAMETER")
	wantProblem(t, g.send(t, "GET", eventsPath+"?wait=1s", ""), 400, "UNKNOWN_PARAMETER")
	if g.service.calls != 0 {
		t.Errorf("%d calls reached the service", g.service.calls)
	}
}
