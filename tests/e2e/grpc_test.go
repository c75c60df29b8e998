package e2e

import (
	"context"
	"slices"
	"testing"

	"github.com/jhump/protoreflect/grpcreflect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	ordersv1 "orderspayments/gen/orders/v1"
	paymentsv1 "orderspayments/gen/payments/v1"
)

func dial(t *testing.T, target string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+target, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// as is a bounded call context with the given users' identities.
func as(t *testing.T, users ...string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), requestTimeout)
	t.Cleanup(cancel)
	for _, user := range users {
		ctx = metadata.AppendToOutgoingContext(ctx, "x-user-id", user)
	}
	return ctx
}

func TestTheWholePathOverGRPC(t *testing.T) {
	orders := ordersv1.NewOrdersServiceClient(dial(t, ordersGRPC))
	payments := paymentsv1.NewPaymentsServiceClient(dial(t, paymentsGRPC))
	u := newUser(t)
	if _, err := payments.CreateAccount(as(t, u.id), &paymentsv1.CreateAccountRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err := payments.TopUp(as(t, u.id), &paymentsv1.TopUpRequest{Amount: 1000}); err != nil {
		t.Fatal(err)
	}
	made, err := orders.CreateOrder(as(t, u.id), &ordersv1.CreateOrderRequest{Amount: 100, Description: "coffee"})
	if err != nil || made.GetStatus() != ordersv1.Order_NEW || made.GetUserId() != u.id {
		t.Fatalf("got %v, %v", made, err)
	}
	eventually(t, "the order settles", func() bool {
		got, err := orders.GetOrder(as(t, u.id), &ordersv1.GetOrderRequest{Id: made.GetId()})
		if err != nil {
			t.Fatal(err)
		}
		return got.GetStatus() == ordersv1.Order_FINISHED
	})
	balance, err := payments.GetBalance(as(t, u.id), &paymentsv1.GetBalanceRequest{})
	if err != nil || balance.GetBalance() != 900 {
		t.Errorf("got %v, %v", balance, err)
	}
	ledger, err := payments.ListTransactions(as(t, u.id), &paymentsv1.ListTransactionsRequest{PageSize: 1})
	if err != nil || len(ledger.GetTransactions()) != 1 || ledger.GetNextPageToken() == "" ||
		ledger.GetTransactions()[0].GetOrderId() != made.GetId() {
		t.Errorf("got %v, %v", ledger, err)
	}
	if listed := u.orders(nil); len(listed.Orders) != 1 || listed.Orders[0].ID != made.GetId() {
		t.Errorf("REST shows %+v", listed)
	}
}

func TestGRPCErrorsSayTheirReason(t *testing.T) {
	orders := ordersv1.NewOrdersServiceClient(dial(t, ordersGRPC))
	good := &ordersv1.CreateOrderRequest{Amount: 1}
	u := newUser(t).id
	for name, test := range map[string]struct {
		ctx     context.Context
		request *ordersv1.CreateOrderRequest
		code    codes.Code
		reason  string
		field   string
	}{
		"no identity":    {as(t), good, codes.Unauthenticated, "MISSING_USER_ID", ""},
		"two identities": {as(t, u, u), good, codes.InvalidArgument, "INVALID_USER_ID", "x-user-id"},
		"a list":         {as(t, "u1,u2"), good, codes.InvalidArgument, "INVALID_USER_ID", "x-user-id"},
		"no amount":      {as(t, u), &ordersv1.CreateOrderRequest{}, codes.InvalidArgument, "INVALID_AMOUNT", "amount"},
		"2^53":           {as(t, u), &ordersv1.CreateOrderRequest{Amount: 1 << 53}, codes.InvalidArgument, "INVALID_AMOUNT", "amount"},
		"a bell":         {as(t, u), &ordersv1.CreateOrderRequest{Amount: 1, Description: "\a"}, codes.InvalidArgument, "INVALID_DESCRIPTION", "description"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := orders.CreateOrder(test.ctx, test.request)
			reason, field := "", ""
			for _, detail := range status.Convert(err).Details() {
				switch detail := detail.(type) {
				case *errdetails.ErrorInfo:
					reason = detail.GetReason()
					if detail.GetDomain() != "orders" {
						t.Errorf("domain %q", detail.GetDomain())
					}
				case *errdetails.BadRequest:
					field = detail.GetFieldViolations()[0].GetField()
				}
			}
			if status.Code(err) != test.code || reason != test.reason || field != test.field {
				t.Errorf("got %v, reason %q, field %q", err, reason, field)
			}
		})
	}
}

func TestReflectionAndHealthAreOn(t *testing.T) {
	for service, target := range map[string]string{
		"orders.v1.OrdersService": ordersGRPC, "payments.v1.PaymentsService": paymentsGRPC,
	} {
		conn := dial(t, target)
		reflection := grpcreflect.NewClientAuto(as(t), conn)
		defer reflection.Reset()
		services, err := reflection.ListServices()
		if err != nil || !slices.Contains(services, service) {
			t.Errorf("%s: got %v, %v", service, services, err)
		}
		if _, err := reflection.ResolveService(service); err != nil {
			t.Errorf("%s: %v", service, err)
		}
		for _, name := range []string{"", "database", "broker"} {
			// A service takes orders, so is ready, before it has its link to the broker.
			eventually(t, service+" says that it is well: "+name, func() bool {
				reply, err := healthpb.NewHealthClient(conn).Check(as(t), &healthpb.HealthCheckRequest{Service: name})
				if err != nil {
					t.Fatal(err)
				}
				return reply.GetStatus() == healthpb.HealthCheckResponse_SERVING
			})
		}
	}
}
