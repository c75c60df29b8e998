package main

import (
	"context"
	"net/http"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	ordersv1 "orderspayments/gen/orders/v1"
)

var errLate = status.Error(codes.DeadlineExceeded, "the first event did not come in time")

// serveEvents answers with server-sent events, each an order. The client is called here, not
// by grpc-gateway's mux, whose streams wrap each message, tell errors in a form of their own
// and have no heartbeat.
//
// A stream that has begun can only end: the client sees from the last event whether the order
// has settled, and otherwise asks again.
func (f *front) serveEvents(w http.ResponseWriter, r *http.Request, method, id string) *problem {
	ctx, cancel := f.streamContext(r.Context(), f.settings.watchTimeout)
	defer cancel()
	orders, err := f.watch(ctx, cancel, r.Header, id)
	if err != nil {
		return f.problemOf(r.Context(), err)
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	if method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	events := eventWriter{w: w, connection: http.NewResponseController(w), timeout: f.settings.writeTimeout}
	// What bounds how slowly a request comes would end a stream whose client says nothing more.
	if err := events.connection.SetReadDeadline(time.Time{}); err != nil {
		return internalProblem()
	}
	heartbeat := time.NewTicker(f.settings.heartbeat)
	defer heartbeat.Stop()
	for err == nil {
		select {
		case order, more := <-orders:
			if !more {
				// The end of the answer is written once this has returned.
				_ = events.allowTime()
				return nil
			}
			err = events.order(order)
		case <-heartbeat.C:
			err = events.write([]byte(":\n\n"))
		}
	}
	return nil // The client has left.
}

// streamContext ends after limit, and when the gateway stops.
func (f *front) streamContext(parent context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(parent, limit)
	stop := context.AfterFunc(f.streams, cancel)
	return ctx, func() { stop(); cancel() }
}

// watch returns once the order has come as it is, or why it will not; each change of it
// follows. The channel is closed at the end of the stream, which cancel brings about.
func (f *front) watch(ctx context.Context, cancel context.CancelFunc, header http.Header, id string) (<-chan *ordersv1.Order, error) {
	stream, err := ordersv1.NewOrdersServiceClient(f.serving).WatchOrder(
		metadata.NewOutgoingContext(ctx, asCallMetadata(header)), &ordersv1.WatchOrderRequest{Id: id})
	if err != nil {
		return nil, err
	}
	late := time.AfterFunc(f.settings.requestTimeout, cancel)
	first, err := stream.Recv()
	if inTime := late.Stop(); !inTime && err != nil {
		err = errLate
	}
	if err != nil {
		return nil, err
	}
	orders := make(chan *ordersv1.Order, 1)
	orders <- first
	go func() {
		defer close(orders)
		for {
			order, err := stream.Recv()
			if err != nil {
				return
			}
			select {
			case orders <- order:
			case <-ctx.Done():
				return
			}
		}
	}()
	return orders, nil
}

func asCallMetadata(header http.Header) metadata.MD {
	call := metadata.MD{}
	for name, values := range header {
		if key, ok := asMetadata(name); ok {
			call[key] = values
		}
	}
	return call
}

// eventWriter sends each event at once, and gives each the same time to be taken.
type eventWriter struct {
	w          http.ResponseWriter
	connection *http.ResponseController
	timeout    time.Duration
}

func (e eventWriter) order(order *ordersv1.Order) error {
	data, err := codec{}.Marshal(order)
	if err != nil {
		return err
	}
	return e.write(append(append([]byte("event: order\ndata: "), data...), "\n\n"...))
}

func (e eventWriter) allowTime() error {
	return e.connection.SetWriteDeadline(time.Now().Add(e.timeout))
}

func (e eventWriter) write(event []byte) error {
	if err := e.allowTime(); err != nil {
		return err
	}
	if _, err := e.w.Write(event); err != nil {
		return err
	}
	return e.connection.Flush()
}
