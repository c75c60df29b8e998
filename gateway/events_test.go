package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	ordersv1 "orderspayments/gen/orders/v1"
)

const (
	eventsPath = "/orders/" + orderID + "/events"
	patience   = 10 * time.Second
)

// events is an open stream.
type events struct {
	t        *testing.T
	response *http.Response
	lines    *bufio.Reader
	leave    context.CancelFunc
}

func (g *gateway) watch(t *testing.T) *events {
	t.Helper()
	ctx, leave := context.WithTimeout(t.Context(), patience)
	t.Cleanup(leave)
	request, err := http.NewRequestWithContext(ctx, "GET", "http://"+g.address+eventsPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-User-Id", "u1")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" ||
		response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %s %v", response.Status, response.Header)
	}
	return &events{t, response, bufio.NewReader(response.Body), leave}
}

// next is the next event, or comment, with the blank line after it; "" at a clean end.
func (e *events) next() string {
	e.t.Helper()
	var event strings.Builder
	for {
		line, err := e.lines.ReadString('\n')
		event.WriteString(line)
		if err == io.EOF && event.Len() == 0 || line == "\n" {
			return event.String()
		}
		if err != nil {
			e.t.Fatalf("after %q: %v", event.String(), err)
		}
	}
}

func eventOf(status string) string {
	return `event: order` + "\n" + `data: {"id":"` + orderID + `","user_id":"u1","amount":0,"description":"a\nb","status":"` + status + `"}` + "\n\n"
}

func TestEventsAreTheOrderAndEachChangeAtOnce(t *testing.T) {
	g := startOrders(t)
	settle := make(chan struct{})
	g.service.watch = func(send func(ordersv1.Order_Status) error, _ <-chan struct{}) error {
		if err := send(ordersv1.Order_NEW); err != nil {
			return err
		}
		<-settle
		return send(ordersv1.Order_FINISHED)
	}
	e := g.watch(t)
	if got := e.next(); got != eventOf("NEW") {
		t.Errorf("got %q", got)
	}
	close(settle)
	if got := e.next(); got != eventOf("FINISHED") {
		t.Errorf("got %q", got)
	}
	if got := e.next(); got != "" {
		t.Errorf("after the end: %q", got)
	}
	if request := g.service.request.(*ordersv1.WatchOrderRequest); request.GetId() != orderID || g.service.user() != "u1" {
		t.Errorf("got %v of %s", request, g.service.user())
	}
}

func TestWhatIsRefusedBeforeTheFirstEventIsAProblem(t *testing.T) {
	g := startOrders(t)
	wantProblem(t, g.send(t, "GET", eventsPath, "", "X-User-Id:"), 401, "MISSING_USER_ID")
	wantProblem(t, g.send(t, "GET", eventsPath+"?id="+orderID, ""), 400, "UNKNOWN_PARAMETER")
	wantProblem(t, g.send(t, "POST", eventsPath, "{}"), 405, "METHOD_NOT_ALLOWED")
	for _, refusal := range []struct {
		code   codes.Code
		reason string
		status int
	}{
		{codes.NotFound, "ORDER_NOT_FOUND", 404},
		{codes.ResourceExhausted, "OVERLOADED", 503},
		{codes.Unavailable, "UNAVAILABLE", 503},
	} {
		g.service.fail = func(context.Context) error { return failWith(refusal.code, refusal.reason, "because") }
		wantProblem(t, g.send(t, "GET", eventsPath, ""), refusal.status, refusal.reason)
	}
}

func TestAFirstEventThatDoesNotComeInTimeIsAProblem(t *testing.T) {
	g := startGateway(t, map[string]string{"BACKEND": "orders", "REQUEST_TIMEOUT": "50ms"})
	g.service.watch = func(_ func(ordersv1.Order_Status) error, gone <-chan struct{}) error {
		<-gone
		return nil
	}
	wantProblem(t, g.send(t, "GET", eventsPath, ""), 504, "DEADLINE_EXCEEDED")
}

func TestASilentStreamBeatsAndOutlivesTheLimitsOfOtherAnswers(t *testing.T) {
	g := startGateway(t, map[string]string{
		"BACKEND": "orders", "HEARTBEAT": "50ms",
		"HEADER_READ_TIMEOUT": "100ms", "READ_TIMEOUT": "100ms", "REQUEST_TIMEOUT": "100ms", "WRITE_TIMEOUT": "1s",
	})
	settle := make(chan struct{})
	g.service.watch = func(send func(ordersv1.Order_Status) error, gone <-chan struct{}) error {
		if err := send(ordersv1.Order_NEW); err != nil {
			return err
		}
		select {
		case <-settle:
		case <-gone:
		}
		return send(ordersv1.Order_CANCELLED)
	}
	e := g.watch(t)
	e.next()
	for start := time.Now(); time.Since(start) < 1200*time.Millisecond; {
		if got := e.next(); got != ":\n\n" {
			t.Fatalf("got %q", got)
		}
	}
	close(settle)
	got := e.next()
	for got == ":\n\n" {
		got = e.next()
	}
	if got != eventOf("CANCELLED") {
		t.Errorf("got %q", got)
	}
}

func TestAStreamThatFailsOrTakesTooLongJustEnds(t *testing.T) {
	for name, watch := range map[string]func(<-chan struct{}) error{
		"the service stops": func(<-chan struct{}) error { return failWith(codes.Unavailable, "UNAVAILABLE", "stopping") },
		"the time is up":    func(gone <-chan struct{}) error { <-gone; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			g := startGateway(t, map[string]string{"BACKEND": "orders", "WATCH_TIMEOUT": "200ms"})
			g.service.watch = func(send func(ordersv1.Order_Status) error, gone <-chan struct{}) error {
				if err := send(ordersv1.Order_NEW); err != nil {
					return err
				}
				return watch(gone)
			}
			e := g.watch(t)
			if got := e.next(); got != eventOf("NEW") {
				t.Errorf("got %q", got)
			}
			if got := e.next(); got != "" {
				t.Errorf("after the end: %q", got)
			}
		})
	}
}

// untilGone sends one event and says when its client has gone.
func untilGone(left chan<- struct{}) func(func(ordersv1.Order_Status) error, <-chan struct{}) error {
	return func(send func(ordersv1.Order_Status) error, gone <-chan struct{}) error {
		if err := send(ordersv1.Order_NEW); err != nil {
			return err
		}
		<-gone
		close(left)
		return nil
	}
}

func TestAClientThatLeavesEndsTheCall(t *testing.T) {
	g := startOrders(t)
	left := make(chan struct{})
	g.service.watch = untilGone(left)
	e := g.watch(t)
	e.next()
	e.leave()
	select {
	case <-left:
	case <-time.After(patience):
		t.Error("the service still sends")
	}
}

func TestAStopDoesNotWaitForStreams(t *testing.T) {
	left := make(chan struct{})
	s := &service{watch: untilGone(left)}
	socket := t.TempDir() + "/orders.sock"
	serveOrders(t, "unix", socket, s)
	address := freeAddress(t)
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	settings := testSettings(t, map[string]string{
		"BACKEND": "orders", "HTTP_LISTEN": address, "METRICS_LISTEN": freeAddress(t), "GRPC_TARGET": "unix:" + socket,
	})
	go func() { stopped <- run(ctx, settings, slog.New(slog.DiscardHandler)) }()
	g := &gateway{address: address, service: s}
	eventually(t, func() bool {
		response, err := http.Get("http://" + address + livePath)
		if err == nil {
			response.Body.Close()
		}
		return err == nil
	})
	e := g.watch(t)
	e.next()
	stop()
	if got := e.next(); got != "" {
		t.Errorf("after the end: %q", got)
	}
	select {
	case err := <-stopped:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(settings.shutdownTimeout / 2):
		t.Error("still waits")
	}
}
