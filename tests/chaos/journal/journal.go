// Package journal keeps what a client asked of the system and what it was told: all that a
// verdict on the system may be built on, besides its databases.
package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"sync"
	"time"
)

// CallsMax bounds the journal: a run that makes more ends with an error. With the answers of
// lists a call takes about 2 kB.
const CallsMax = 500_000

// Service says which of the two gateways was called.
type Service string

// The gateways.
const (
	Orders   Service = "orders"
	Payments Service = "payments"
)

// Call is one HTTP request and what became of it.
type Call struct {
	Service Service `json:"service"`
	Method  string  `json:"method"`
	// Path with its query.
	Path string `json:"path"`
	User string `json:"user"`
	// Key is the Idempotency-Key; "" if none was sent.
	Key  string `json:"key,omitempty"`
	Body string `json:"body,omitempty"`
	// Refusal is the status that the request must get because it is invalid; 0 for a valid one.
	Refusal int `json:"refusal,omitempty"`

	// Start and End are since the beginning of the run, on one steady clock.
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"`
	// Status is 0 if there was no whole answer; Failure then says why, and TimedOut whether the
	// client gave up waiting.
	Status   int    `json:"status,omitempty"`
	Failure  string `json:"failure,omitempty"`
	TimedOut bool   `json:"timed_out,omitempty"`
	// What the answer was, and of its header Content-Type, Retry-After and whether
	// Idempotent-Replayed was true.
	Answer      string `json:"answer,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	RetryAfter  string `json:"retry_after,omitempty"`
	Replayed    bool   `json:"replayed,omitempty"`
}

// Journal takes calls from any number of goroutines.
type Journal struct {
	begin time.Time
	lock  sync.Mutex
	calls []Call
	full  bool
}

// Begin is a journal of a run that begins now.
func Begin() *Journal { return &Journal{begin: time.Now()} }

// Now is the time since the beginning of the run.
func (j *Journal) Now() time.Duration { return time.Since(j.begin) }

// Add keeps the call, unless the journal is full.
func (j *Journal) Add(call Call) {
	j.lock.Lock()
	defer j.lock.Unlock()
	if len(j.calls) == CallsMax {
		j.full = true
		return
	}
	j.calls = append(j.calls, call)
}

// Calls are all calls by the time they started; an error says that some are missing.
func (j *Journal) Calls() ([]Call, error) {
	j.lock.Lock()
	defer j.lock.Unlock()
	calls := slices.Clone(j.calls)
	slices.SortStableFunc(calls, func(a, b Call) int { return int(a.Start - b.Start) })
	if j.full {
		return calls, errors.New("the journal is full: calls are missing from it")
	}
	return calls, nil
}

// WriteFile writes one JSON object a line.
func WriteFile[Value any](path string, values []Value) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(file)
	encoder := json.NewEncoder(buffered)
	for _, value := range values {
		if err := encoder.Encode(value); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	return errors.Join(buffered.Flush(), file.Close())
}
