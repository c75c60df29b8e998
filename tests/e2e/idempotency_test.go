package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	ordersv1 "orderspayments/gen/orders/v1"
	paymentsv1 "orderspayments/gen/payments/v1"
)

// keyed makes a request under an idempotency key.
func (u user) keyed(url, body string, keys ...string) answer {
	u.t.Helper()
	a, err := u.send("POST", url, body, http.Header{"Idempotency-Key": keys})
	if err != nil {
		u.t.Fatal(err)
	}
	return a
}

// wantReplay demands the first answer again, marked.
func wantReplay(t *testing.T, again, first answer) {
	t.Helper()
	if again.status != first.status || !bytes.Equal(again.body, first.body) ||
		again.header.Get("Location") != first.header.Get("Location") || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("got %v %v, want %v again", again, again.header, first)
	}
}

func TestARepeatedOrderIsAnsweredAsTheFirstTime(t *testing.T) {
	const body = `{"amount":100,"description":"coffee"}`
	for door, at := range doors {
		t.Run(door, func(t *testing.T) {
			u := newUser(t)
			first := u.keyed(at.orders+"/orders", body, "k")
			if first.status != 201 || first.header.Values("Idempotent-Replayed") != nil {
				t.Fatalf("got %v %v", first, first.header)
			}
			wantReplay(t, u.keyed(at.orders+"/orders", body, "k"), first)
			wantReplay(t, u.keyed(at.orders+"/orders", ` {"description":"coffee", "amount":1e2}`, "k"), first)
			wantReplay(t, u.keyed(at.orders+"/orders", body, `"k"`), first)

			u.settled(decode[order](t, first.body).ID)
			wantReplay(t, u.keyed(at.orders+"/orders", body, "k"), first)
			if made := u.orders(nil).Orders; len(made) != 1 {
				t.Errorf("%d orders", len(made))
			}
		})
	}
}

func TestARepeatedTopUpAddsOnce(t *testing.T) {
	const url, body = "/accounts/topup", `{"amount":1000}`
	for door, at := range doors {
		t.Run(door, func(t *testing.T) {
			u := newUser(t)
			if a := u.keyed(at.payments+url, body, "k"); a.status != 404 || a.code() != "ACCOUNT_NOT_FOUND" {
				t.Errorf("without an account: got %v", a)
			}
			u.openAccount()
			first := u.keyed(at.payments+url, body, "k")
			if first.status != 200 || first.header.Values("Idempotent-Replayed") != nil {
				t.Fatalf("got %v %v", first, first.header)
			}
			u.topUp(5)
			wantReplay(t, u.keyed(at.payments+url, body, "k"), first)
			if got := u.balance(); got != 1005 {
				t.Errorf("balance %d", got)
			}
		})
	}
}

func TestAKeyStandsForOneRequestOfOneUserAndRoute(t *testing.T) {
	u, other := newUser(t), newUser(t)
	u.openAccount()
	u.keyed(ordersURL+"/orders", `{"amount":1}`, "k")
	u.keyed(paymentsURL+"/accounts/topup", `{"amount":1}`, "l")
	for _, reused := range []answer{
		u.keyed(ordersURL+"/orders", `{"amount":2}`, "k"),
		u.keyed(ordersURL+"/orders", `{"amount":1,"description":"tea"}`, "k"),
		u.keyed(paymentsURL+"/accounts/topup", `{"amount":2}`, "l"),
	} {
		if reused.status != 422 || reused.code() != "IDEMPOTENCY_KEY_REUSED" {
			t.Errorf("other words: got %v", reused)
		}
	}
	for _, first := range []answer{
		u.keyed(paymentsURL+"/accounts/topup", `{"amount":1}`, "k"),
		other.keyed(ordersURL+"/orders", `{"amount":2}`, "k"),
	} {
		if first.status >= 300 || first.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("another route or user: got %v %v", first, first.header)
		}
	}
	if a := u.keyed(ordersURL+"/orders", `{"amount":0}`, "m"); a.status != 400 {
		t.Errorf("a bad body: got %v", a)
	}
	if a := u.keyed(ordersURL+"/orders", `{"amount":3}`, "m"); a.status != 201 || a.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("after a bad body: got %v", a)
	}
}

func TestBadKeysAreRefused(t *testing.T) {
	u := newUser(t)
	for _, keys := range [][]string{{"a", "b"}, {"a", "a"}, {"a b"}, {""}, {`""`}, {string(bytes.Repeat([]byte("k"), 256))}, {"ключ"}} {
		a := u.keyed(ordersURL+"/orders", `{"amount":1}`, keys...)
		if a.status != 400 || a.code() != "INVALID_IDEMPOTENCY_KEY" {
			t.Errorf("%q: got %v", keys, a)
		}
	}
	if made := u.orders(nil).Orders; len(made) != 0 {
		t.Errorf("%d orders", len(made))
	}
	if a := u.keyed(paymentsURL+"/accounts", "{}", "a b", "c"); a.status != 201 {
		t.Errorf("a route that honours none: got %v", a)
	}
}

func TestFiftyTwinsAtOnceMakeOneOrderAndOneTopUp(t *testing.T) {
	const twins = 50
	u := newUser(t)
	u.openAccount()
	for url, body := range map[string]string{
		ordersURL + "/orders": `{"amount":7,"description":"one"}`, paymentsURL + "/accounts/topup": `{"amount":7}`,
	} {
		key := rand.Text()
		answers := make([]answer, twins)
		var group sync.WaitGroup
		for i := range twins {
			group.Go(func() {
				a, err := u.send("POST", url, body, http.Header{"Idempotency-Key": {key}})
				if err != nil {
					t.Error(err)
				}
				answers[i] = a
			})
		}
		group.Wait()
		first := 0
		for _, a := range answers {
			if a.status >= 300 || !bytes.Equal(a.body, answers[0].body) {
				t.Errorf("%s: got %v, others %v", url, a, answers[0])
			}
			if a.header.Get("Idempotent-Replayed") == "" {
				first++
			}
		}
		if first != 1 {
			t.Errorf("%s: %d first answers", url, first)
		}
	}
	made := u.orders(nil).Orders
	if len(made) != 1 || u.settled(made[0].ID).CancelReason == "ACCOUNT_NOT_FOUND" {
		t.Fatalf("orders: %+v", made)
	}
	topUps := 0
	for _, entry := range u.ledger() {
		if entry.Kind == "TOP_UP" {
			topUps++
		}
	}
	if topUps != 1 {
		t.Errorf("%d top-ups", topUps)
	}
}

func TestKeysOverGRPC(t *testing.T) {
	orders := ordersv1.NewOrdersServiceClient(dial(t, ordersGRPC))
	payments := paymentsv1.NewPaymentsServiceClient(dial(t, paymentsGRPC))
	u := newUser(t)
	u.openAccount()
	for name, call := range map[string]func(ctx context.Context, amount int64, header grpc.CallOption) (proto.Message, error){
		"CreateOrder": func(ctx context.Context, amount int64, header grpc.CallOption) (proto.Message, error) {
			return orders.CreateOrder(ctx, &ordersv1.CreateOrderRequest{Amount: amount}, header)
		},
		"TopUp": func(ctx context.Context, amount int64, header grpc.CallOption) (proto.Message, error) {
			return payments.TopUp(ctx, &paymentsv1.TopUpRequest{Amount: amount}, header)
		},
	} {
		t.Run(name, func(t *testing.T) {
			keyed := func(amount int64, keys ...string) (proto.Message, []string, error) {
				ctx := as(t, u.id)
				for _, key := range keys {
					ctx = metadata.AppendToOutgoingContext(ctx, "idempotency-key", key)
				}
				var header metadata.MD
				reply, err := call(ctx, amount, grpc.Header(&header))
				return reply, header.Get("idempotent-replayed"), err
			}
			first, replayed, err := keyed(1, "k")
			if err != nil || replayed != nil {
				t.Fatalf("first: got %v %q, %v", first, replayed, err)
			}
			again, replayed, err := keyed(1, "k")
			if err != nil || !proto.Equal(again, first) || !slices.Equal(replayed, []string{"true"}) {
				t.Errorf("again: got %v %q, %v", again, replayed, err)
			}
			if _, _, err := keyed(2, "k"); status.Code(err) != codes.FailedPrecondition {
				t.Errorf("another amount: got %v", err)
			}
			for _, keys := range [][]string{{"a", "a"}, {"a b"}, {""}} {
				if _, _, err := keyed(1, keys...); status.Code(err) != codes.InvalidArgument {
					t.Errorf("%q: got %v", keys, err)
				}
			}
		})
	}
}
