package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestServiceErrorsBecomeProblems(t *testing.T) {
	g := startOrders(t)
	for _, test := range []struct {
		grpc   codes.Code
		reason string
		status int
	}{
		{codes.InvalidArgument, "INVALID_AMOUNT", 400},
		{codes.Unauthenticated, "MISSING_USER_ID", 401},
		{codes.NotFound, "ORDER_NOT_FOUND", 404},
		{codes.AlreadyExists, "ACCOUNT_ALREADY_EXISTS", 409},
		{codes.Aborted, "IDEMPOTENCY_KEY_IN_USE", 409},
		{codes.FailedPrecondition, "BALANCE_LIMIT_EXCEEDED", 422},
		{codes.ResourceExhausted, "OVERLOADED", 503},
		{codes.Unavailable, "UNAVAILABLE", 503},
		{codes.DeadlineExceeded, "DEADLINE_EXCEEDED", 504},
	} {
		t.Run(test.reason, func(t *testing.T) {
			g.service.fail = func(context.Context) error { return failWith(test.grpc, test.reason, "words for clients") }
			a := g.send(t, "POST", "/orders", goodOrder)
			wantProblem(t, a, test.status, test.reason)
			if !strings.Contains(a.body, "words for clients") {
				t.Errorf("the service's words are lost: %s", a.body)
			}
			goesAway := test.status == 503 || test.grpc == codes.Aborted
			if retryAfter := a.header.Get("Retry-After"); goesAway != (retryAfter == "1") {
				t.Errorf("Retry-After: %q", retryAfter)
			}
		})
	}
}

func TestFieldsAtFaultAreNamed(t *testing.T) {
	g := startOrders(t)
	g.service.fail = func(context.Context) error {
		st, err := status.New(codes.InvalidArgument, "bad").WithDetails(
			&errdetails.ErrorInfo{Reason: "INVALID_AMOUNT", Domain: "orders"},
			&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "amount", Description: "too big"}}})
		if err != nil {
			return err
		}
		return st.Err()
	}
	a := g.send(t, "POST", "/orders", goodOrder)
	wantProblem(t, a, 400, "INVALID_AMOUNT")
	if got := a.problem().Errors; len(got) != 1 || got[0] != (fieldError{"amount", "too big"}) {
		t.Errorf("got %v", got)
	}
}

func TestInternalWordsStayInside(t *testing.T) {
	g := startOrders(t)
	const secret = "SELECT * FROM orders at db.internal:5432"
	for _, err := range []error{
		failWith(codes.Internal, "INTERNAL", secret),
		status.Error(codes.Unknown, secret),
		status.Error(codes.Unimplemented, secret),
		status.Error(codes.InvalidArgument, secret),
	} {
		g.service.fail = func(context.Context) error { return err }
		a := g.send(t, "POST", "/orders", goodOrder)
		wantProblem(t, a, 500, "INTERNAL")
		if strings.Contains(a.body, "SELECT") {
			t.Errorf("%s", a.body)
		}
	}
	g.service.fail = func(context.Context) error { return status.Error(codes.Unavailable, secret) }
	a := g.send(t, "POST", "/orders", goodOrder)
	wantProblem(t, a, 503, "UNAVAILABLE")
	if strings.Contains(a.body, "SELECT") {
		t.Errorf("%s", a.body)
	}
}

func TestNotFoundSaysNothingOfTheOrder(t *testing.T) {
	g := startOrders(t)
	g.service.fail = func(context.Context) error { return failWith(codes.NotFound, "ORDER_NOT_FOUND", "No such order.") }
	one := g.send(t, "GET", "/orders/"+orderID, "", "X-Request-Id: r")
	two := g.send(t, "GET", "/orders/"+strings.ReplaceAll(orderID, "0", "1"), "", "X-Request-Id: r")
	if one.body != two.body {
		t.Errorf("%s\n%s", one.body, two.body)
	}
}

func TestUnavailableReadsAreTriedAgainAndWritesNever(t *testing.T) {
	g := startOrders(t)
	g.service.fail = func(context.Context) error {
		if g.service.calls == 1 {
			return failWith(codes.Unavailable, "UNAVAILABLE", "away")
		}
		return nil
	}
	if a := g.send(t, "GET", "/orders", ""); a.status != 200 || g.service.calls != 2 {
		t.Errorf("read: got %d after %d calls", a.status, g.service.calls)
	}
	g.service.calls = 0
	if a := g.send(t, "POST", "/orders", goodOrder); a.status != 503 || g.service.calls != 1 {
		t.Errorf("write: got %d after %d calls", a.status, g.service.calls)
	}
}

func TestEveryCallHasADeadline(t *testing.T) {
	g := startGateway(t, map[string]string{"BACKEND": "orders", "REQUEST_TIMEOUT": "50ms"})
	g.service.fail = func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	start := time.Now()
	wantProblem(t, g.send(t, "POST", "/orders", goodOrder, "Grpc-Timeout: 1H"), 504, "DEADLINE_EXCEEDED")
	if elapsed := time.Since(start); elapsed > 2*time.Second {
		t.Errorf("took %v", elapsed)
	}
}

func TestPanicIsAnInternalError(t *testing.T) {
	f := &front{
		settings: testSettings(t, map[string]string{"BACKEND": "orders"}),
		router:   newRouter(ordersRoutes),
		mux:      http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") }),
		metrics:  newMetrics(),
		log:      slog.New(slog.DiscardHandler),
		calls:    make(places, 1),
		workers:  newWorkers(),
	}
	request := httptest.NewRequest("GET", "/orders", nil)
	request.Header.Set("X-User-Id", "u1")
	recorder := httptest.NewRecorder()
	f.ServeHTTP(recorder, request)
	wantProblem(t, answer{recorder.Code, recorder.Header(), recorder.Body.String()}, 500, "INTERNAL")
	if len(f.calls) != 0 {
		t.Error("the call is still counted")
	}
}
