package rig

import (
	"context"
	"sync"
	"time"

	"orderspayments/tests/support"
)

const (
	// SettleTimeout is from the end of the strike and of the load to the last order's end.
	SettleTimeout = 30 * time.Second
	// strayTimeout is for repeated events, which are answered once more: when all orders are
	// settled they may still be under way; and for reading the books, which the long forms fill
	// with hundreds of thousands of orders. What is broken for good stays so.
	strayTimeout = time.Minute
	// inFlightMax is what 15 s without an answer, the longest there is, can pile up at 100 orders
	// per second.
	inFlightMax = 1500
)

// Payers are users whom no other test has, each of whom paid in PaidIn once.
type Payers struct {
	IDs    []string
	PaidIn int64
}

// NewPayers opens accounts and pays money in. It must be called on the test's goroutine.
func (s *System) NewPayers(count int, money int64) Payers {
	s.t.Helper()
	ids, err := support.NewUsers(s.t.Context(), s.Payments.Copies[0].URL, "fault", count, money)
	if err != nil {
		s.t.Fatal(err)
	}
	return Payers{IDs: ids, PaidIn: money}
}

// Load are orders at a fixed rate, by all payers and at all copies in turn.
type Load struct {
	Payers    Payers
	Amount    int64 // of each order
	PerSecond int
	Duration  time.Duration // at most; see RunningLoad.Stop
}

// RunningLoad is a load that goes on beside the test.
type RunningLoad struct {
	system *System
	stop   func()
	done   chan struct{}
	result *support.LoadResult
}

// StartLoad begins a load and does not wait for it.
func (s *System) StartLoad(load Load) *RunningLoad {
	stop := make(chan struct{})
	running := &RunningLoad{system: s, stop: sync.OnceFunc(func() { close(stop) }), done: make(chan struct{})}
	go func() {
		defer close(running.done)
		running.result = support.Load{
			URLs: s.Orders.URLs(), Users: load.Payers.IDs, Amount: load.Amount, PerSecond: load.PerSecond,
			Duration: load.Duration, InFlightMax: inFlightMax, Stop: stop,
		}.Run(s.t.Context())
	}()
	return running
}

// Stop ends the load early: no further orders are made. What was made is waited for by Wait.
func (l *RunningLoad) Stop() { l.stop() }

// Done is closed when every order has its answer.
func (l *RunningLoad) Done() <-chan struct{} { return l.done }

// Wait returns when every order has its answer. Answers that no strike excuses fail the test,
// and so does a load of which nothing was accepted.
func (l *RunningLoad) Wait() *support.LoadResult {
	l.system.t.Helper()
	<-l.done
	l.system.t.Log(l.result)
	for _, failure := range l.result.Unexcused() {
		l.system.t.Errorf("refused by %s", failure)
	}
	if len(l.result.Accepted) == 0 {
		l.system.t.Error("nothing was accepted")
	}
	return l.result
}

// Audit waits until all orders of the payers are settled and no event waits, within
// SettleTimeout, and checks what must hold of them and of the orders that were acknowledged.
// It returns how many orders ended as what.
func (s *System) Audit(payers Payers, acknowledged []support.Order) map[string]int {
	s.t.Helper()
	return s.AuditWithin(SettleTimeout, payers, acknowledged)
}

// AuditWithin is Audit with a limit of its own.
func (s *System) AuditWithin(limit time.Duration, payers Payers, acknowledged []support.Order) map[string]int {
	s.t.Helper()
	s.awaitQuiet(limit, payers)
	ctx := s.t.Context()
	audit, err := support.OpenAudit(ctx, payers.IDs, payers.PaidIn)
	if err != nil {
		s.t.Errorf("audit: %v", err)
		return nil
	}
	defer audit.Close(ctx)
	ends, err := audit.Ends(ctx)
	if err != nil {
		s.t.Error(err)
	}
	s.t.Log(ends)
	if err := support.Within(ctx, strayTimeout, func(ctx context.Context) error { return audit.Check(ctx, acknowledged) }); err != nil {
		s.t.Error(err)
	}
	return ends
}

// awaitQuiet has connections of its own: a question that is cut off costs its connection.
func (s *System) awaitQuiet(limit time.Duration, payers Payers) {
	s.t.Helper()
	ctx := s.t.Context()
	audit, err := support.OpenAudit(ctx, payers.IDs, payers.PaidIn)
	if err != nil {
		s.t.Errorf("audit: %v", err)
		return
	}
	defer audit.Close(ctx)
	start := time.Now()
	if err := support.Within(ctx, limit, audit.Quiet); err != nil {
		s.t.Error(err)
		return
	}
	s.t.Logf("quiet after %v", time.Since(start).Round(time.Millisecond))
}
