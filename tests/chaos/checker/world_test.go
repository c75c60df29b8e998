package checker

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"orderspayments/tests/chaos/journal"
)

// world is a run in which all went well, for tests to spoil.
type world struct {
	calls []journal.Call
	rows  Rows
	now   time.Duration
}

var epoch = time.Date(2026, 1, 1, 12, 0, 0, 123456000, time.UTC)

const (
	rich = "chaos-rich"
	poor = "chaos-poor"
	paid = "00000000-0000-7000-8000-000000000001" // rich's order of 300
	dear = "00000000-0000-7000-8000-000000000002" // rich's order of 900
	vain = "00000000-0000-7000-8000-000000000003" // poor's order, who has no account
)

// honest: rich opens an account at the second try, tops it up by 1000 with a key whose first
// answer is lost, orders for 300, with a key and a twin, and for 900, and reads everything; poor,
// without an account, orders.
func honest() *world {
	w := &world{}
	w.rows = Rows{
		Orders: []Order{
			{paid, rich, 300, "first", "FINISHED", "", "order-key", epoch, epoch.Add(time.Second), false},
			{dear, rich, 900, "second", "CANCELLED", "INSUFFICIENT_FUNDS", "", epoch, epoch.Add(time.Second), false},
			{vain, poor, 5, "third", "CANCELLED", "ACCOUNT_NOT_FOUND", "", epoch, epoch.Add(time.Second), false},
		},
		Decisions: []Decision{
			{paid, rich, 300, "SUCCEEDED", ""},
			{dear, rich, 900, "DECLINED", "INSUFFICIENT_FUNDS"},
			{vain, poor, 5, "DECLINED", "ACCOUNT_NOT_FOUND"},
		},
		Accounts: []Account{{rich, epoch}},
		Entries: []Entry{
			{"e1", rich, 1, "TOP_UP", 1000, 1000, "", "top-up-key", epoch},
			{"e2", rich, 2, "CHARGE", 300, 700, paid, "", epoch},
		},
	}
	w.lost(journal.Payments, rich, postAccount, "", `{}`)
	w.post(journal.Payments, rich, postAccount, "", `{}`, accountAnswer{User: rich, Balance: new(int64), Created: epoch})
	w.lost(journal.Payments, rich, postTopUp, "top-up-key", `{"amount":1000}`)
	w.post(journal.Payments, rich, postTopUp, "top-up-key", `{"amount":1000}`, balance(1000)).Replayed = true
	w.post(journal.Orders, rich, postOrder, "order-key", `{"amount":300,"description":"first"}`, w.fresh(0))
	w.post(journal.Orders, rich, postOrder, `"order-key"`, `{"description":"first", "amount":300}`, w.fresh(0)).Replayed = true
	w.post(journal.Orders, rich, postOrder, "", `{"amount":900,"description":"second"}`, w.fresh(1))
	w.post(journal.Orders, poor, postOrder, "", `{"amount":5,"description":"third"}`, w.fresh(2))
	w.get(journal.Orders, rich, "/orders/"+paid, w.fresh(0))
	w.get(journal.Orders, rich, "/orders/"+paid, w.settled(0))
	w.get(journal.Orders, rich, "/orders?page_size=1", ordersAnswer{[]orderAnswer{w.settled(1)}, "next"})
	w.get(journal.Orders, rich, "/orders?page_size=1&page_token=next", ordersAnswer{[]orderAnswer{w.settled(0)}, ""})
	w.get(journal.Payments, rich, "/accounts/balance", balance(700))
	w.get(journal.Payments, rich, "/accounts/transactions?page_size=1", entriesAnswer{[]entryAnswer{w.entry(1)}, "next"})
	w.get(journal.Payments, rich, "/accounts/transactions?page_size=1&page_token=next", entriesAnswer{[]entryAnswer{w.entry(0)}, ""})
	w.refused(http.MethodGet, journal.Orders, poor, "/orders/"+paid, "", http.StatusNotFound)
	w.refused(http.MethodPost, journal.Orders, poor, postOrder, `{"amount":0}`, http.StatusBadRequest).Refusal = http.StatusBadRequest
	return w
}

func balance(amount int64) accountAnswer { return accountAnswer{User: rich, Balance: &amount} }

// fresh is the order of a row as it was made.
func (w *world) fresh(row int) orderAnswer {
	o := w.rows.Orders[row]
	return orderAnswer{o.ID, o.User, o.Amount, o.Description, "NEW", "", o.Created, o.Created}
}

func (w *world) settled(row int) orderAnswer {
	o := w.rows.Orders[row]
	return orderAnswer{o.ID, o.User, o.Amount, o.Description, o.Status, o.CancelReason, o.Created, o.Updated}
}

func (w *world) entry(row int) entryAnswer {
	e := w.rows.Entries[row]
	return entryAnswer{e.ID, e.Kind, e.Amount, e.BalanceAfter, e.OrderID, e.Created}
}

// call takes 2 s, one after the other.
func (w *world) call(method string, service journal.Service, user, path, key, body string) *journal.Call {
	w.calls = append(w.calls, journal.Call{
		Service: service, Method: method, Path: path, User: user, Key: key, Body: body,
		Start: w.now + time.Second, End: w.now + 2*time.Second,
	})
	w.now += 2 * time.Second
	return &w.calls[len(w.calls)-1]
}

func (w *world) lost(service journal.Service, user, path, key, body string) *journal.Call {
	call := w.call(http.MethodPost, service, user, path, key, body)
	call.Failure = "EOF"
	return call
}

func (w *world) post(service journal.Service, user, path, key, body string, answer any) *journal.Call {
	call := w.call(http.MethodPost, service, user, path, key, body)
	call.Status, call.Answer = successes[path], jsonOf(answer)
	return call
}

func (w *world) get(service journal.Service, user, path string, answer any) *journal.Call {
	call := w.call(http.MethodGet, service, user, path, "", "")
	call.Status, call.Answer = http.StatusOK, jsonOf(answer)
	return call
}

func (w *world) refused(method string, service journal.Service, user, path, body string, status int) *journal.Call {
	call := w.call(method, service, user, path, "", body)
	refuse(call, status)
	return call
}

func refuse(call *journal.Call, status int) {
	call.Status, call.ContentType, call.RetryAfter = status, "application/problem+json", ""
	call.Answer = fmt.Sprintf(`{"status":%d,"code":"REASON","request_id":"r"}`, status)
	if status == http.StatusServiceUnavailable {
		call.RetryAfter = "1"
	}
}

func jsonOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// of is the n-th call, from 0, of this method and path.
func (w *world) of(method, path string, n int) *journal.Call {
	for i := range w.calls {
		if w.calls[i].Method == method && w.calls[i].Path == path {
			if n == 0 {
				return &w.calls[i]
			}
			n--
		}
	}
	panic("no call " + method + " " + path)
}
