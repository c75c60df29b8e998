package load

import (
	"context"
	"net/http"

	"orderspayments/tests/chaos/journal"
)

// wrong are requests that must be refused so whatever is struck, unless nobody can answer.
var wrong = []journal.Call{
	{Service: journal.Orders, Method: http.MethodPost, Path: "/orders", Body: `{"amount":0}`, Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodPost, Path: "/orders", Body: `{"amount":-5,"description":"x"}`, Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodPost, Path: "/orders", Body: `{"amuont":5}`, Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodPost, Path: "/orders", Body: `{"amount":9007199254740992}`, Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodPost, Path: "/orders", Body: `{"amount":5,"description":"\u0000"}`, Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodPost, Path: "/orders", Body: `not JSON`, Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodPost, Path: "/orders", Body: `{"amount":5}`, Key: "a key", Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodGet, Path: "/orders?page_size=-1", Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodGet, Path: "/orders?page_token=forged", Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodGet, Path: "/orders/none", Refusal: http.StatusBadRequest},
	{Service: journal.Orders, Method: http.MethodDelete, Path: "/orders", Refusal: http.StatusMethodNotAllowed},
	{Service: journal.Payments, Method: http.MethodPost, Path: "/accounts/topup", Body: `{"amount":"5"}`, Refusal: http.StatusBadRequest},
	{Service: journal.Payments, Method: http.MethodPost, Path: "/accounts/topup", Body: `{}`, Refusal: http.StatusBadRequest},
	{Service: journal.Payments, Method: http.MethodPost, Path: "/accounts", Body: `[]`, Refusal: http.StatusBadRequest},
	{Service: journal.Payments, Method: http.MethodGet, Path: "/accounts/nothing", Refusal: http.StatusNotFound},
}

// getItWrong sends one of them, now and then without a name.
func (l *Load) getItWrong(ctx context.Context) {
	call := wrong[l.intN(len(wrong))]
	call.User = l.someone().name
	nameless := call.Refusal == http.StatusBadRequest && l.intN(10) == 0
	if nameless {
		call.User, call.Refusal = "", http.StatusUnauthorized
	}
	l.client.send(ctx, call)
}
