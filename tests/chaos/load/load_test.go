package load

import (
	"context"
	"strings"
	"testing"
	"time"

	"orderspayments/tests/chaos/checker"
	"orderspayments/tests/chaos/journal"
)

const (
	// loadTime is enough for every session to have run.
	loadTime = 2 * time.Second
	endTime  = 30 * time.Second
)

// visit is a whole run of the load on the shop, judged.
func visit(t *testing.T, s *shop) *checker.Verdict {
	t.Helper()
	server, urls := s.serve()
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), endTime)
	defer cancel()
	calls := journal.Begin()
	l := New(urls, calls, "chaos", 1)
	if err := l.Open(ctx); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	time.AfterFunc(loadTime, func() { close(stop) })
	l.Run(ctx, stop)
	if err := l.ReadAll(ctx); err != nil {
		t.Fatal(err)
	}
	made, err := calls.Calls()
	if err != nil {
		t.Fatal(err)
	}
	verdict, err := checker.Check(made, &s.rows, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(verdict)
	return verdict
}

func TestTheCheckerIsContentWithAShopThatLosesAnswers(t *testing.T) {
	s := openShop()
	s.loseEvery = 7
	verdict := visit(t, s)
	for _, finding := range verdict.Findings {
		t.Error(finding)
	}
	if verdict.Recovered == 0 || verdict.Found == 0 || verdict.NotDone == 0 {
		t.Errorf("not every fate was met: %v", verdict)
	}
}

func TestTheCheckerCatchesAShopThatForgetsKeys(t *testing.T) {
	s := openShop()
	s.forgetsKeys = true
	if verdict := visit(t, s); verdict.Count(checker.Duplicated) == 0 {
		t.Errorf("%v", verdict)
	}
}

// What the load gets wrong must be wrong to the shop as well, or tests fail by what is drawn.
func TestTheShopRefusesWhatTheLoadGetsWrong(t *testing.T) {
	s := openShop()
	server, urls := s.serve()
	defer server.Close()
	l := New(urls, journal.Begin(), "chaos", 1)
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, call := range wrong {
		call.User = l.someone().name
		if answered := l.client.send(t.Context(), call); answered.Status != call.Refusal {
			t.Errorf("%d, not %d: %s %s %s", answered.Status, call.Refusal, call.Method, call.Path, call.Body)
		}
	}
}

// Every kind of call must be there, or the verdict is on less than it says.
func TestTheLoadMakesEveryKindOfCall(t *testing.T) {
	s := openShop()
	server, urls := s.serve()
	defer server.Close()
	calls := journal.Begin()
	l := New(urls, calls, "chaos", 1)
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		for _, session := range sessions {
			session.run(l, t.Context())
		}
	}
	made, err := calls.Calls()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, call := range made {
		path, _, _ := strings.Cut(call.Path, "?")
		switch {
		case call.Refusal != 0:
			kinds["invalid"]++
		case strings.HasPrefix(path, "/orders/"):
			kinds[call.Method+" /orders/{id}"]++
		default:
			kinds[call.Method+" "+path]++
		}
		if call.Key != "" {
			kinds["with a key"]++
		}
		if call.Replayed {
			kinds["replayed"]++
		}
		if call.Status == 422 {
			kinds["key reused"]++
		}
	}
	for _, kind := range []string{
		"invalid", "GET /orders/{id}", "GET /orders", "POST /orders", "POST /accounts", "POST /accounts/topup",
		"GET /accounts/balance", "GET /accounts/transactions", "with a key", "replayed", "key reused",
	} {
		if kinds[kind] == 0 {
			t.Errorf("no %s in %v", kind, kinds)
		}
	}
}
