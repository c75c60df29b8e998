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

func TestAHeldAnswerIsTheOrderAsItIsWhenTheWaitingEnds(t *testing.T) {
	const wait = 50 * time.Millisecond
	for name, watch := range map[string]func(<-chan struct{}) error{
		"the time is up":    func(gone <-chan struct{}) error { <-gone; return nil },
		"the service stops": func(<-chan struct{}) error { return failWith(codes.Unavailable, "UNAVAILABLE", "stopping") },
	} {
		t.Run(name, func(t *testing.T) {
			g := startOrders(t)
			g.service.watch = func(send func(ordersv1.Order_Status) error, gone <-chan struct{}) error {
				if err := send(ordersv1.Order_NEW); err != nil {
					return err
				}
				return watch(gone)
			}
			a := g.send(t, "GET", orderPath+"?wait="+wait.String(), "")
			if a.status != 200 || !strings.Contains(a.body, `"status":"NEW"`) {
				t.Errorf("got %d %s", a.status, a.body)
			}
		})
	}
}

func TestAnAnswerThatCannotBeHeldIsGivenAtOnce(t *testing.T) {
	g := startOrders(t)
	g.service.watch = func(func(ordersv1.Order_Status) error, <-chan struct{}) error {
		return failWith(codes.ResourceExhausted, "OVERLOADED", "too many")
	}
	for _, wait := range []string{"30s", "0s"} {
		a := g.send(t, "GET", orderPath+"?wait="+wait, "")
		if _, plain := g.service.request.(*ordersv1.GetOrderRequest); a.status != 200 || !plain {
			t.Errorf("%s: got %d %s", wait, a.status, a.body)
		}
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
