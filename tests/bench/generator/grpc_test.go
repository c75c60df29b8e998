package generator

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	ordersv1 "orderspayments/gen/orders/v1"
)

// service refuses every tenth order, and one that has no user.
type service struct {
	ordersv1.UnimplementedOrdersServiceServer
	calls atomic.Int64
}

func (s *service) CreateOrder(ctx context.Context, request *ordersv1.CreateOrderRequest) (*ordersv1.Order, error) {
	user := metadata.ValueFromIncomingContext(ctx, "x-user-id")
	if len(user) != 1 || request.GetAmount() != 7 {
		return nil, status.Error(codes.InvalidArgument, "no order")
	}
	if s.calls.Add(1)%10 == 0 {
		return nil, status.Error(codes.ResourceExhausted, "OVERLOADED")
	}
	return &ordersv1.Order{UserId: user[0]}, nil
}

func TestEveryCallOverGRPCIsCountedOnce(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fake := &service{}
	server := grpc.NewServer()
	ordersv1.RegisterOrdersServiceServer(server, fake)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	burst, err := GRPC{
		Target: listener.Addr().String(), Connections: 2, Streams: 3, Users: []string{"a", "b"}, Amount: 7, Duration: 100 * time.Millisecond,
	}.Run(t.Context())
	calls := int(fake.calls.Load())
	if err != nil || burst.Answered != calls || burst.Refused != calls/10 || burst.Broken != 0 || burst.P50 <= 0 || burst.CPU <= 0 {
		t.Errorf("%+v of %d calls, %v", burst, calls, err)
	}
}

func TestCallsThatMakeNoOrderAreAnError(t *testing.T) {
	failure := errors.New("bad")
	if burst, err := sum([]stream{{took: []time.Duration{1, 2}, refused: 1, broken: 1, failure: failure}}); !errors.Is(err, failure) {
		t.Errorf("%+v, %v", burst, err)
	}
}
