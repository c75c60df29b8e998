package checker

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"orderspayments/tests/chaos/journal"
)

// The routes that write.
const (
	postOrder   = "/orders"
	postTopUp   = "/accounts/topup"
	postAccount = "/accounts"
)

var successes = map[string]int{
	postOrder: http.StatusCreated, postTopUp: http.StatusOK, postAccount: http.StatusCreated,
}

// request is what a write asks for; two bodies that ask for the same are the same.
type request struct {
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
}

// write is one thing that a caller wants done: one call, or all calls of a user on a route with
// the same key; of accounts, of which a user has one, all there are.
type write struct {
	route, user, key string
	request          request
	attempts         []*journal.Call // by start
	others           []*journal.Call // of the same key, with another request
	broken           bool            // something was found against it
}

func (w *write) String() string {
	return fmt.Sprintf("POST %s of %s key %q %+v (%d attempts, the first: %s)",
		w.route, w.user, w.key, w.request, len(w.attempts), tell(w.attempts[0]))
}

// acknowledgements are the attempts that were told it is done.
func (w *write) acknowledgements() []*journal.Call {
	var told []*journal.Call
	for _, attempt := range w.attempts {
		if attempt.Status == successes[w.route] {
			told = append(told, attempt)
		}
	}
	return told
}

// unanswered tells whether some attempt may have been done without its caller being told.
func (w *write) unanswered() bool {
	for _, attempt := range w.attempts {
		if !isAnswered(attempt) {
			return true
		}
	}
	return false
}

// recovered: an attempt without an answer was followed by one that told it is done.
func (w *write) recovered() bool {
	for i, attempt := range w.attempts {
		if isAnswered(attempt) {
			continue
		}
		for _, later := range w.attempts[i+1:] {
			if w.tellsDone(later) {
				return true
			}
		}
	}
	return false
}

// conflicts tells whether a caller was told that there is one already.
func (w *write) conflicts() bool {
	for _, attempt := range w.attempts {
		if attempt.Status == http.StatusConflict {
			return true
		}
	}
	return false
}

// tellsDone: an account that is there already is there, too.
func (w *write) tellsDone(call *journal.Call) bool {
	return call.Status == successes[w.route] || (w.route == postAccount && call.Status == http.StatusConflict)
}

// firstTold is when a caller first knew that it is done.
func (w *write) firstTold() time.Duration {
	first := never
	for _, attempt := range w.attempts {
		if w.tellsDone(attempt) {
			first = min(first, attempt.End)
		}
	}
	return first
}

func (w *write) begun() time.Duration { return w.attempts[0].Start }

// rivals tells whether the call may have met another attempt that is, or was, under way.
func (w *write) rivals(call *journal.Call) bool {
	for _, attempt := range w.attempts {
		if attempt != call && attempt.Start < call.End && (attempt.End > call.Start || !isAnswered(attempt)) {
			return true
		}
	}
	return false
}

// preceded tells whether an attempt was, or may have been, done before the call ended.
func (w *write) preceded(call *journal.Call) bool {
	for _, attempt := range w.attempts {
		done := attempt.Status == successes[w.route] || !isAnswered(attempt)
		if attempt != call && attempt.Start < call.End && done {
			return true
		}
	}
	return false
}

// isAnswered is false when the caller does not know what became of it.
func isAnswered(call *journal.Call) bool {
	switch call.Status {
	case 0, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false
	}
	return true
}

// identity is what makes two calls the same write.
type identity struct{ route, user, key string }

// writesOf sorts the valid writes out of the calls, which are ordered by start.
func writesOf(calls []*journal.Call) ([]*write, error) {
	var writes []*write
	known := map[identity]*write{}
	for _, call := range calls {
		if call.Method != http.MethodPost || call.Refusal != 0 {
			continue
		}
		var asked request
		if err := json.Unmarshal([]byte(call.Body), &asked); err != nil {
			return nil, fmt.Errorf("a valid call that is none: %s", tell(call))
		}
		id := identity{call.Path, call.User, bareKey(call.Key)}
		if call.Path == postAccount {
			id.key = ""
		}
		same := known[id]
		switch {
		case same == nil || (call.Key == "" && call.Path != postAccount):
			w := &write{call.Path, call.User, id.key, asked, []*journal.Call{call}, nil, false}
			known[id] = w
			writes = append(writes, w)
		case same.request == asked:
			same.attempts = append(same.attempts, call)
		default:
			same.others = append(same.others, call)
		}
	}
	return writes, nil
}

// bareKey: a key in quotes is the same key.
func bareKey(key string) string {
	if len(key) > 1 && key[0] == '"' && key[len(key)-1] == '"' {
		return key[1 : len(key)-1]
	}
	return key
}
