package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	ordersv1 "orderspayments/gen/orders/v1"
	paymentsv1 "orderspayments/gen/payments/v1"
)

const orderID = "01890a5d-ac96-774b-bcce-b302099a8057"

// service stands in for both services. It answers well unless fail is set,
// and keeps the last call.
type service struct {
	ordersv1.UnimplementedOrdersServiceServer
	paymentsv1.UnimplementedPaymentsServiceServer
	health *health.Server
	fail   func(context.Context) error
	// watch sends the events of a watched order; one NEW order unless set.
	watch func(send func(ordersv1.Order_Status) error, gone <-chan struct{}) error
	// header goes out with each answer.
	header metadata.MD

	request  any
	metadata metadata.MD
	calls    int
}

func (s *service) take(ctx context.Context, request any) error {
	s.calls++
	s.request = request
	s.metadata, _ = metadata.FromIncomingContext(ctx)
	if err := grpc.SetHeader(ctx, s.header); err != nil {
		return err
	}
	if s.fail != nil {
		return s.fail(ctx)
	}
	return nil
}

func (s *service) user() string { return strings.Join(s.metadata["x-user-id"], "|") }

func (s *service) CreateOrder(ctx context.Context, r *ordersv1.CreateOrderRequest) (*ordersv1.Order, error) {
	err := s.take(ctx, r)
	return &ordersv1.Order{
		Id: orderID, UserId: s.user(), Amount: r.GetAmount(), Description: r.GetDescription(),
		Status: ordersv1.Order_NEW, CreateTime: &timestamppb.Timestamp{Seconds: 1}, UpdateTime: &timestamppb.Timestamp{Seconds: 1},
	}, err
}

func (s *service) GetOrder(ctx context.Context, r *ordersv1.GetOrderRequest) (*ordersv1.Order, error) {
	err := s.take(ctx, r)
	return &ordersv1.Order{Id: r.GetId(), UserId: s.user(), Status: ordersv1.Order_NEW}, err
}

func (s *service) ListOrders(ctx context.Context, r *ordersv1.ListOrdersRequest) (*ordersv1.ListOrdersResponse, error) {
	return &ordersv1.ListOrdersResponse{}, s.take(ctx, r)
}

func (s *service) WatchOrder(r *ordersv1.WatchOrderRequest, stream grpc.ServerStreamingServer[ordersv1.Order]) error {
	if err := s.take(stream.Context(), r); err != nil {
		return err
	}
	send := func(status ordersv1.Order_Status) error {
		return stream.Send(&ordersv1.Order{Id: r.GetId(), UserId: s.user(), Description: "a\nb", Status: status})
	}
	if s.watch == nil {
		return send(ordersv1.Order_NEW)
	}
	return s.watch(send, stream.Context().Done())
}

func (s *service) CreateAccount(ctx context.Context, r *paymentsv1.CreateAccountRequest) (*paymentsv1.Account, error) {
	err := s.take(ctx, r)
	return &paymentsv1.Account{UserId: s.user(), CreateTime: &timestamppb.Timestamp{Seconds: 1}}, err
}

func (s *service) TopUp(ctx context.Context, r *paymentsv1.TopUpRequest) (*paymentsv1.Balance, error) {
	err := s.take(ctx, r)
	return &paymentsv1.Balance{UserId: s.user(), Balance: r.GetAmount()}, err
}

func (s *service) GetBalance(ctx context.Context, r *paymentsv1.GetBalanceRequest) (*paymentsv1.Balance, error) {
	err := s.take(ctx, r)
	return &paymentsv1.Balance{UserId: s.user()}, err
}

func (s *service) ListTransactions(ctx context.Context, r *paymentsv1.ListTransactionsRequest) (*paymentsv1.ListTransactionsResponse, error) {
	return &paymentsv1.ListTransactionsResponse{}, s.take(ctx, r)
}

// failWith makes an error as the services make theirs.
func failWith(code codes.Code, reason, message string) error {
	st, err := status.New(code, message).WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: "orders"})
	if err != nil {
		panic(err)
	}
	return st.Err()
}

// gateway is a running gateway with its service.
type gateway struct {
	address string
	service *service
	grpc    *grpc.Server
	metrics *metrics
}

func testSettings(t *testing.T, environment map[string]string) settings {
	t.Helper()
	s, err := loadSettings(func(name string) string { return environment[name] })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func startGateway(t *testing.T, environment map[string]string) *gateway {
	t.Helper()
	s := testSettings(t, environment)
	g := &gateway{service: &service{health: health.NewServer()}, grpc: grpc.NewServer(), metrics: newMetrics()}
	ordersv1.RegisterOrdersServiceServer(g.grpc, g.service)
	paymentsv1.RegisterPaymentsServiceServer(g.grpc, g.service)
	healthpb.RegisterHealthServer(g.grpc, g.service.health)
	grpcListener := listen(t)
	go g.grpc.Serve(grpcListener)
	t.Cleanup(g.grpc.Stop)

	link, err := dial([]string{grpcListener.Addr().String()}, s.backend.routes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	log := slog.New(slog.DiscardHandler)
	api, err := newFront(s, link, g.metrics, log)
	if err != nil {
		t.Fatal(err)
	}
	listener := listen(t)
	server := newServer(s, api, log)
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	g.address = listener.Addr().String()
	return g
}

func startOrders(t *testing.T) *gateway {
	return startGateway(t, map[string]string{"BACKEND": "orders"})
}

func startPayments(t *testing.T) *gateway {
	return startGateway(t, map[string]string{"BACKEND": "payments"})
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// answer is a response, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// problem decodes an error body; Code is "" if the answer is no problem.
func (a answer) problem() (p struct {
	Type, Title, Detail, Code string
	Status                    int
	RequestID                 string `json:"request_id"`
	Errors                    []fieldError
},
) {
	if a.header.Get("Content-Type") == "application/problem+json" {
		_ = json.Unmarshal([]byte(a.body), &p)
	}
	return p
}

// send makes a request of user u1; headers are "Name: value" lines that may
// override or, with an empty value, remove the usual ones.
func (g *gateway) send(t *testing.T, method, target, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(method, "http://"+g.address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = "//" + g.address + target
	request.Header = http.Header{"X-User-Id": {"u1"}}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	seen := map[string]bool{}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ":")
		if !seen[name] {
			request.Header.Del(name)
		}
		seen[name] = true
		if value = strings.TrimSpace(value); value != "" {
			request.Header[name] = append(request.Header[name], value)
		}
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(data)}
}

// wantProblem checks a refusal and that it has the form of all refusals.
func wantProblem(t *testing.T, a answer, status int, code string) {
	t.Helper()
	p := a.problem()
	if a.status != status || p.Code != code {
		t.Fatalf("got %d %s, want %d %s", a.status, a.body, status, code)
	}
	if p.Type != "urn:problem:"+slug(code) || p.Status != status || p.Title == "" || p.Detail == "" ||
		p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
		t.Errorf("not a whole problem: %s", a.body)
	}
}
