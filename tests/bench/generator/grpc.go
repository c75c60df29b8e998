package generator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	ordersv1 "orderspayments/gen/orders/v1"
)

// GRPC is a closed loop of CreateOrder: each stream sends its next call when the last is
// answered. It runs in this process, on the generated client alone.
type GRPC struct {
	Target      string
	Connections int
	Streams     int // of each connection
	Users       []string
	Amount      int64
	Duration    time.Duration
}

// Run returns when the time is over and every call is answered.
func (g GRPC) Run(ctx context.Context) (Burst, error) {
	streams := make([]stream, 0, g.Connections*g.Streams)
	for range g.Connections {
		connection, err := grpc.NewClient("passthrough:///"+g.Target, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
		if err != nil {
			return Burst{}, err
		}
		defer connection.Close()
		for range g.Streams {
			streams = append(streams, stream{orders: ordersv1.NewOrdersServiceClient(connection)})
		}
	}
	before, err := ownCPU()
	if err != nil {
		return Burst{}, err
	}
	start := time.Now()
	var group sync.WaitGroup
	for i := range streams {
		group.Go(func() { streams[i].run(ctx, g, i, start.Add(g.Duration)) })
	}
	group.Wait()
	took := time.Since(start)
	after, err := ownCPU()
	if err := errors.Join(err, ctx.Err()); err != nil {
		return Burst{}, err
	}
	burst, err := sum(streams)
	burst.Took, burst.CPU = took, after-before
	return burst, err
}

// stream is one caller and what it was answered.
type stream struct {
	orders  ordersv1.OrdersServiceClient
	took    []time.Duration
	refused int
	broken  int
	failure error // the last
}

// run takes the users in turn, each stream from another one on.
func (s *stream) run(ctx context.Context, g GRPC, first int, end time.Time) {
	request := &ordersv1.CreateOrderRequest{Amount: g.Amount, Description: "load"}
	callers := make([]context.Context, len(g.Users))
	for i, user := range g.Users {
		callers[i] = metadata.AppendToOutgoingContext(ctx, "x-user-id", user)
	}
	for i := first; time.Now().Before(end) && ctx.Err() == nil; i++ {
		start := time.Now()
		ctx, cancel := context.WithTimeout(callers[i%len(callers)], answerTimeout)
		_, err := s.orders.CreateOrder(ctx, request)
		cancel()
		s.took = append(s.took, time.Since(start))
		switch status.Code(err) {
		case codes.OK:
		case codes.ResourceExhausted, codes.Unavailable:
			s.refused++
		default:
			s.broken++
			s.failure = err
		}
	}
}

// sum counts what is broken as answered and refused, too: it was no order.
func sum(streams []stream) (Burst, error) {
	var burst Burst
	var took []time.Duration
	var failure error
	for _, s := range streams {
		took = append(took, s.took...)
		burst.Refused += s.refused + s.broken
		burst.Broken += s.broken
		failure = errors.Join(failure, s.failure)
	}
	burst.Answered = len(took)
	if burst.Answered == burst.Refused {
		return Burst{}, fmt.Errorf("of %d calls none made an order: %w", burst.Answered, failure)
	}
	slices.Sort(took)
	burst.P50, burst.P99 = took[len(took)/2], took[len(took)*99/100]
	return burst, nil
}

// ownCPU is what this process has used so far.
func ownCPU() (time.Duration, error) {
	var usage unix.Rusage
	err := unix.Getrusage(unix.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), err
}
