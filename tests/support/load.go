package support

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Load makes orders at a fixed rate, whatever becomes of those before: the system's own
// slowness must not spare it the load.
type Load struct {
	URLs        []string // orders gateways, asked in turn
	Users       []string
	Amount      int64
	PerSecond   int
	Duration    time.Duration
	InFlightMax int             // orders that would pass this are not made, but counted as held back
	Stop        <-chan struct{} // closed to make no more orders; may be nil
}

// LoadResult tells what became of each order that was tried.
type LoadResult struct {
	Accepted []Order
	Attempts int
	HeldBack int
	Failures map[string]int // of attempts: "503", "connection: ..."
	Slowest  time.Duration
}

// NewUsers opens accounts at the payments gateway with the money on each, for users that
// nobody else has.
func NewUsers(ctx context.Context, gateway, prefix string, count int, money int64) ([]string, error) {
	users := make([]string, count)
	for i := range users {
		users[i] = prefix + "-" + rand.Text()
		if err := OpenAccount(ctx, gateway, users[i], money); err != nil {
			return nil, err
		}
	}
	return users, nil
}

// Run returns when every attempt has its answer.
func (l Load) Run(ctx context.Context) *LoadResult {
	result := &LoadResult{Failures: map[string]int{}}
	var lock sync.Mutex
	var group sync.WaitGroup
	inFlight := make(chan struct{}, l.InFlightMax)
	start := time.Now()
	for i := range int(time.Duration(l.PerSecond) * l.Duration / time.Second) {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(l.PerSecond))
		if !l.goesOn(ctx, due) {
			break
		}
		select {
		case inFlight <- struct{}{}:
		default:
			result.HeldBack++
			continue
		}
		result.Attempts++
		group.Go(func() {
			defer func() { <-inFlight }()
			sent := time.Now()
			status, answer, err := Send(ctx, http.MethodPost, l.URLs[i%len(l.URLs)]+"/orders", l.Users[i%len(l.Users)], orderBody(l.Amount))
			took := time.Since(sent)
			lock.Lock()
			defer lock.Unlock()
			result.add(status, answer, err, took)
		})
	}
	group.Wait()
	return result
}

// goesOn waits until an order is due, and is false if none is to be made any more.
func (l Load) goesOn(ctx context.Context, due time.Time) bool {
	select {
	case <-time.After(time.Until(due)):
		return true
	case <-l.Stop:
		return false
	case <-ctx.Done():
		return false
	}
}

func (r *LoadResult) add(status int, answer []byte, err error, took time.Duration) {
	r.Slowest = max(r.Slowest, took)
	switch {
	case err != nil:
		r.Failures[reasonOf(err)]++
	case status != http.StatusCreated:
		r.Failures[fmt.Sprint(status)]++
	default:
		if order, err := decodeOrder(answer, nil); err != nil || order.Status != "NEW" {
			r.Failures[fmt.Sprintf("201 %s", answer)]++
		} else {
			r.Accepted = append(r.Accepted, order)
		}
	}
}

const lostConnection = "connection lost or refused"

func reasonOf(err error) string {
	text := err.Error()
	for _, lost := range []string{"EOF", "connection refused", "connection reset", "broken pipe", "server closed idle connection"} {
		if strings.Contains(text, lost) {
			return lostConnection
		}
	}
	return text
}

// Unexcused are the failures that no death of a part excuses: anything but a lost
// connection, 502, 503 and 504.
func (r *LoadResult) Unexcused() []string {
	excused := []string{lostConnection, "502", "503", "504"}
	var unexcused []string
	for _, reason := range slices.Sorted(maps.Keys(r.Failures)) {
		if !slices.Contains(excused, reason) {
			unexcused = append(unexcused, fmt.Sprintf("%s (%d times)", reason, r.Failures[reason]))
		}
	}
	return unexcused
}

func (r *LoadResult) String() string {
	failed := 0
	for _, count := range r.Failures {
		failed += count
	}
	return fmt.Sprintf("attempted %d (held back %d), accepted %d, failed %d %v, slowest answer %v",
		r.Attempts, r.HeldBack, len(r.Accepted), failed, r.Failures, r.Slowest.Round(time.Millisecond))
}
