package load

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"orderspayments/tests/chaos/checker"
	"orderspayments/tests/chaos/journal"
)

// shop does in memory what the two services promise; both gateways are its own. A caller may go
// without an answer, before or after the deed.
type shop struct {
	lock        sync.Mutex
	rows        checker.Rows
	accounts    map[string]*shopAccount
	done        map[string]any // route, user and key: the answer
	asked       map[string]string
	calls       int
	loseEvery   int  // n-th call goes unanswered; 0 is none
	forgetsKeys bool // as it must not
}

// shopAccount holds what its newest entry left, and how many there are.
type shopAccount struct{ balance, entries int64 }

func openShop() *shop {
	return &shop{accounts: map[string]*shopAccount{}, done: map[string]any{}, asked: map[string]string{}}
}

func (s *shop) serve() (*httptest.Server, map[journal.Service]string) {
	server := httptest.NewServer(s)
	return server, map[journal.Service]string{journal.Orders: server.URL, journal.Payments: server.URL}
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.calls++
	lost := s.loseEvery > 0 && s.calls%s.loseEvery == 0
	if lost && s.calls%2 == 0 {
		panic(http.ErrAbortHandler)
	}
	status, answer := s.answer(w, r)
	if lost {
		panic(http.ErrAbortHandler)
	}
	if status >= http.StatusBadRequest {
		w.Header().Set("Content-Type", "application/problem+json")
		answer = map[string]any{"status": status, "code": "REFUSED", "request_id": "r"}
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(answer)
}

func (s *shop) answer(w http.ResponseWriter, r *http.Request) (int, any) {
	user := r.Header.Get("X-User-Id")
	var body struct {
		Amount      int64
		Description string
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return http.StatusBadRequest, nil
	}
	if refusal := refusalOf(r, string(sent)); refusal != 0 {
		return refusal, nil
	}
	account, exists := s.accounts[user]
	if r.Method == http.MethodPost {
		if err := json.Unmarshal(sent, &body); err != nil {
			return http.StatusBadRequest, nil
		}
		key := keyOf(r)
		id := fmt.Sprintf("%s %s %s", r.URL.Path, user, key)
		keyed := key != "" && !s.forgetsKeys
		if answer, done := s.done[id]; keyed && done {
			if s.asked[id] != fmt.Sprint(body) {
				return http.StatusUnprocessableEntity, nil
			}
			w.Header().Set("Idempotent-Replayed", "true")
			return map[string]int{"/orders": http.StatusCreated, "/accounts/topup": http.StatusOK}[r.URL.Path], answer
		}
		status, answer := s.write(r, user, body.Amount, body.Description)
		if keyed && status < http.StatusBadRequest {
			s.done[id], s.asked[id] = answer, fmt.Sprint(body)
		}
		return status, answer
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/orders/"):
		for _, order := range s.rows.Orders {
			if order.ID == strings.TrimPrefix(r.URL.Path, "/orders/") && order.User == user {
				return http.StatusOK, orderJSON(order)
			}
		}
		return http.StatusNotFound, nil
	case r.URL.Path == "/orders":
		return http.StatusOK, map[string]any{"orders": newestFirst(s.rows.Orders, func(o checker.Order) bool { return o.User == user }, orderJSON)}
	case !exists:
		return http.StatusNotFound, nil
	case r.URL.Path == "/accounts/balance":
		return http.StatusOK, map[string]any{"user_id": user, "balance": account.balance}
	}
	return http.StatusOK, map[string]any{"transactions": newestFirst(s.rows.Entries, func(e checker.Entry) bool { return e.User == user }, entryJSON)}
}

// refusalOf knows the requests that the load gets wrong by what they are.
func refusalOf(r *http.Request, body string) int {
	if r.Header.Get("X-User-Id") == "" {
		return http.StatusUnauthorized
	}
	for _, call := range wrong {
		if call.Path == r.URL.RequestURI() && call.Method == r.Method && call.Body == body {
			return call.Refusal
		}
	}
	return 0
}

func (s *shop) write(r *http.Request, user string, amount int64, description string) (int, any) {
	account, exists := s.accounts[user]
	key := keyOf(r)
	now := time.Now().UTC()
	switch {
	case r.URL.Path == "/accounts" && exists:
		return http.StatusConflict, nil
	case r.URL.Path == "/accounts":
		s.accounts[user] = new(shopAccount)
		s.rows.Accounts = append(s.rows.Accounts, checker.Account{User: user, Created: now})
		return http.StatusCreated, map[string]any{"user_id": user, "balance": 0, "create_time": now}
	case r.URL.Path == "/orders":
		return http.StatusCreated, s.order(user, amount, description, key, now)
	case amount < topUpAmountMin:
		return http.StatusBadRequest, nil
	case !exists:
		return http.StatusNotFound, nil
	}
	s.post(user, "TOP_UP", amount, amount, "", key)
	return http.StatusOK, map[string]any{"user_id": user, "balance": account.balance}
}

// order settles at once; the answer is as it was when it was made.
func (s *shop) order(user string, amount int64, description, key string, now time.Time) any {
	id := fmt.Sprintf("%08d", len(s.rows.Orders))
	order := checker.Order{ID: id, User: user, Amount: amount, Description: description, Status: "NEW", Key: key, Created: now, Updated: now}
	answer := orderJSON(order)
	account, exists := s.accounts[user]
	outcome := "DECLINED"
	switch {
	case !exists:
		order.Status, order.CancelReason = "CANCELLED", "ACCOUNT_NOT_FOUND"
	case account.balance < amount:
		order.Status, order.CancelReason = "CANCELLED", "INSUFFICIENT_FUNDS"
	default:
		order.Status, outcome = "FINISHED", "SUCCEEDED"
		s.post(user, "CHARGE", amount, -amount, id, "")
	}
	s.rows.Orders = append(s.rows.Orders, order)
	s.rows.Decisions = append(s.rows.Decisions, checker.Decision{OrderID: id, User: user, Amount: amount, Outcome: outcome, DeclineReason: order.CancelReason})
	return answer
}

func (s *shop) post(user, kind string, amount, delta int64, orderID, key string) {
	account := s.accounts[user]
	account.balance += delta
	account.entries++
	s.rows.Entries = append(s.rows.Entries, checker.Entry{
		ID: fmt.Sprintf("e%d", len(s.rows.Entries)), User: user, Number: account.entries, Kind: kind,
		Amount: amount, BalanceAfter: account.balance, OrderID: orderID, Key: key,
	})
}

func keyOf(r *http.Request) string { return strings.Trim(r.Header.Get("Idempotency-Key"), `"`) }

func orderJSON(o checker.Order) any {
	return map[string]any{
		"id": o.ID, "user_id": o.User, "amount": o.Amount, "description": o.Description, "status": o.Status,
		"cancel_reason": o.CancelReason, "create_time": o.Created, "update_time": o.Updated,
	}
}

func entryJSON(e checker.Entry) any {
	return map[string]any{
		"id": e.ID, "kind": e.Kind, "amount": e.Amount, "balance_after": e.BalanceAfter, "order_id": e.OrderID, "create_time": e.Created,
	}
}

// newestFirst is a list in one page.
func newestFirst[Row any](rows []Row, mine func(Row) bool, told func(Row) any) []any {
	list := []any{}
	for _, row := range slices.Backward(rows) {
		if mine(row) {
			list = append(list, told(row))
		}
	}
	return list
}
