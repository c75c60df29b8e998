package checker

import (
	"encoding/json"
	"net/http"
	"time"

	"orderspayments/tests/chaos/journal"
)

type orderAnswer struct {
	ID           string    `json:"id"`
	User         string    `json:"user_id"`
	Amount       int64     `json:"amount"`
	Description  string    `json:"description"`
	Status       string    `json:"status"`
	CancelReason string    `json:"cancel_reason"`
	Created      time.Time `json:"create_time"`
	Updated      time.Time `json:"update_time"`
}

type ordersAnswer struct {
	Orders        []orderAnswer `json:"orders"`
	NextPageToken string        `json:"next_page_token"`
}

type accountAnswer struct {
	User    string    `json:"user_id"`
	Balance *int64    `json:"balance"`
	Created time.Time `json:"create_time"`
}

type entryAnswer struct {
	ID           string    `json:"id"`
	Kind         string    `json:"kind"`
	Amount       int64     `json:"amount"`
	BalanceAfter int64     `json:"balance_after"`
	OrderID      string    `json:"order_id"`
	Created      time.Time `json:"create_time"`
}

type entriesAnswer struct {
	Transactions  []entryAnswer `json:"transactions"`
	NextPageToken string        `json:"next_page_token"`
}

type problemAnswer struct {
	Status    int    `json:"status"`
	Code      string `json:"code"`
	RequestID string `json:"request_id"`
}

// parse has a finding if the answer is not JSON of this form.
func parse[Answer any](c *check, call *journal.Call) (Answer, bool) {
	var answer Answer
	if err := json.Unmarshal([]byte(call.Answer), &answer); err != nil {
		c.add(Unexpected, "%v: %s", err, tell(call))
		return answer, false
	}
	return answer, true
}

// checkAnswers looks at each answer by itself: whether its status was allowed, and whether a
// refusal is told as one should be.
func (c *check) checkAnswers() {
	allowed := map[*journal.Call][]int{}
	for _, w := range c.writes {
		for _, attempt := range w.attempts {
			allowed[attempt] = w.allowed(attempt)
		}
		for _, other := range w.others {
			allowed[other] = []int{http.StatusUnprocessableEntity}
		}
	}
	for _, call := range c.calls {
		switch {
		case call.TimedOut:
			c.add(Unexpected, "no answer in time: %s", tell(call))
		case call.Status == 0:
		case call.Status >= http.StatusBadRequest && !isProblem(call):
			c.add(Unexpected, "a refusal that is not told as one: %s", tell(call))
		case !isAnswered(call):
		case call.Refusal != 0 && call.Status != call.Refusal:
			c.add(Unexpected, "not %d: %s", call.Refusal, tell(call))
		case call.Refusal == 0 && call.Method == http.MethodPost && !contains(allowed[call], call.Status):
			c.add(Unexpected, "not %v: %s", allowed[call], tell(call))
		}
	}
}

// allowed are the statuses that an attempt may get, besides those that tell no outcome. Whether
// the user had an account is known only later.
func (w *write) allowed(attempt *journal.Call) []int {
	statuses := []int{successes[w.route]}
	if w.route == postTopUp {
		statuses = append(statuses, http.StatusNotFound)
	}
	if (w.route == postAccount && w.preceded(attempt)) || (w.key != "" && w.rivals(attempt)) {
		statuses = append(statuses, http.StatusConflict)
	}
	return statuses
}

func contains(statuses []int, status int) bool {
	for _, each := range statuses {
		if each == status {
			return true
		}
	}
	return false
}

func isProblem(call *journal.Call) bool {
	var problem problemAnswer
	again := call.Status == http.StatusServiceUnavailable || (call.Status == http.StatusConflict && call.Key != "")
	return call.ContentType == "application/problem+json" &&
		json.Unmarshal([]byte(call.Answer), &problem) == nil &&
		problem.Status == call.Status && problem.Code != "" && problem.RequestID != "" &&
		(!again || call.RetryAfter != "")
}
