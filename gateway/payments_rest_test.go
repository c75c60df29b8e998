package main

import (
	"testing"

	paymentsv1 "orderspayments/gen/payments/v1"
)

func TestCreateAccountNeedsNoBody(t *testing.T) {
	g := startPayments(t)
	const want = `{"user_id":"u1","balance":0,"create_time":"1970-01-01T00:00:01Z"}`
	for _, a := range []answer{
		g.send(t, "POST", "/accounts", "{}"),
		g.send(t, "POST", "/accounts", ""),
		// What PowerShell and browsers say of a body that they do not send.
		g.send(t, "POST", "/accounts", "", "Content-Type: application/x-www-form-urlencoded"),
	} {
		if a.status != 201 || a.body != want {
			t.Errorf("got %d %s", a.status, a.body)
		}
		if location := a.header.Get("Location"); location != "" {
			t.Errorf("Location: %s", location)
		}
	}
}

func TestTopUpAnswersTheBalance(t *testing.T) {
	g := startPayments(t)
	a := g.send(t, "POST", "/accounts/topup", `{"amount":1000}`)
	if a.status != 200 || a.body != `{"user_id":"u1","balance":1000}` {
		t.Errorf("got %d %s", a.status, a.body)
	}
	wantProblem(t, g.send(t, "POST", "/accounts/topup", `{"amount":"1000"}`), 400, "INVALID_AMOUNT")
}

func TestBalanceOfZeroIsPresent(t *testing.T) {
	g := startPayments(t)
	if a := g.send(t, "GET", "/accounts/balance", ""); a.status != 200 || a.body != `{"user_id":"u1","balance":0}` {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestTransactionsArePaged(t *testing.T) {
	g := startPayments(t)
	a := g.send(t, "GET", "/accounts/transactions?page_size=7&page_token=t", "")
	if a.status != 200 || a.body != `{"transactions":[]}` {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	request := g.service.request.(*paymentsv1.ListTransactionsRequest)
	if request.GetPageSize() != 7 || request.GetPageToken() != "t" {
		t.Errorf("got %v", request)
	}
	wantProblem(t, g.send(t, "GET", "/accounts/transactions?status=NEW", ""), 400, "UNKNOWN_PARAMETER")
}
