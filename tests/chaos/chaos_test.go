// Package chaos strikes a system of its own at random while many users work with it, heals it,
// and has a checker that knows nothing of the system judge whether every promise was kept.
// SEED makes the schedule of strikes, MINUTES is how long they go on, SHOW=1 only prints it. The
// test binary ends with 0 if all promises were kept, 1 if one was broken, and 2 if that cannot be
// told. The infrastructure is that of LOCAL_DIR, see package rig.
package chaos

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"orderspayments/deploy/operator/audit"
	"orderspayments/tests/chaos/checker"
	"orderspayments/tests/chaos/journal"
	"orderspayments/tests/chaos/load"
	"orderspayments/tests/chaos/schedule"
	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

const (
	// minutesMax is what the journal can take in.
	minutesMax = 60
	// openTimeout is for the users' accounts, before the first strike.
	openTimeout = 60 * time.Second
	// settleTimeout is from the end of healing to the end of the last order.
	settleTimeout = 30 * time.Second
	// readTimeout is for all that is read once the system is quiet.
	readTimeout   = 2 * time.Minute
	findingsShown = 20
)

// Exit codes: kept and broken are go test's own.
const unknown = 2

// told is whether the run came to an end that says something.
var told bool

func TestMain(m *testing.M) {
	seed, duration, err := asked()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(unknown)
	}
	if os.Getenv("SHOW") == "1" {
		show(seed, duration)
		return
	}
	code := rig.Main(m)
	if !told {
		code = unknown
	}
	os.Exit(code)
}

// asked are the settings of the run.
func asked() (seed uint64, duration time.Duration, err error) {
	seed, err = strconv.ParseUint(support.Setting("SEED", "1"), 10, 64)
	if err != nil {
		return 0, 0, errors.New("SEED must be a whole number from 0 to 2^64 - 1")
	}
	minutes, err := strconv.ParseFloat(support.Setting("MINUTES", "0.5"), 64)
	if err != nil || !(minutes > 0 && minutes <= minutesMax) {
		return 0, 0, fmt.Errorf("MINUTES must be a number above 0 and up to %d", minutesMax)
	}
	return seed, time.Duration(minutes * float64(time.Minute)), nil
}

func show(seed uint64, duration time.Duration) {
	fmt.Printf("seed %d, %v:\n", seed, duration)
	for _, strike := range schedule.Make(seed, duration) {
		fmt.Println(strike)
	}
}

// Whatever is struck, nothing acknowledged is lost, nothing is done twice, no answer is wrong, and
// all is settled soon after it is healed.
func TestEveryPromiseIsKeptWhateverIsStruck(t *testing.T) {
	seed, duration, err := asked()
	if err != nil {
		t.Fatal(err)
	}
	show(seed, duration)
	r := newRun(t, seed)
	err = errors.Join(r.strikeUnderLoad(t, schedule.Make(seed, duration)), r.judge(t))
	if err != nil {
		t.Errorf("UNKNOWN: %v", err)
	}
	// What was found broken is so, whatever else could not be seen.
	told = err == nil || r.broken
	if t.Failed() {
		r.keep(t, seed)
	}
}

// run is one chaos run.
type run struct {
	system  *system
	calls   *journal.Journal
	load    *load.Load
	striker *striker
	audit   *audit.Audit
	sources audit.Sources
	prefix  string
	verdict *checker.Verdict // nil until there is one
	broken  bool             // by the verdict or the audit
}

func newRun(t *testing.T, seed uint64) *run {
	t.Helper()
	r := &run{system: startSystem(t), prefix: "chaos-" + rand.Text(), sources: audit.SourcesOf(os.Getenv)}
	var err error
	if r.audit, err = audit.Open(t.Context(), r.sources); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.audit.Close)
	r.calls = journal.Begin()
	r.load = load.New(r.system.urls(), r.calls, r.prefix, seed)
	return r
}

// strikeUnderLoad returns when the system is healed, the load is over and all is settled, or
// should be.
func (r *run) strikeUnderLoad(t *testing.T, strikes []schedule.Strike) error {
	ctx, cancel := context.WithTimeout(t.Context(), openTimeout)
	defer cancel()
	r.striker = newStriker(r.system, r.calls)
	if err := r.load.Open(ctx); err != nil {
		return err
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		r.load.Run(t.Context(), stop)
	}()
	r.striker.strike(t.Context(), strikes)
	r.system.heal()
	healed := time.Now()
	close(stop)
	select {
	case <-done:
	case <-time.After(settleTimeout + load.AnswerTimeout):
		t.Error("the load does not come to its end")
	}
	err := support.Within(t.Context(), settleTimeout-time.Since(healed), r.audit.Quiet)
	fmt.Println(r.striker)
	fmt.Printf("settled %v after healing; sessions held back %d\n", time.Since(healed).Round(time.Millisecond), r.load.HeldBack)
	if err != nil {
		t.Errorf("not settled: %v", err)
	}
	return errors.Join(r.striker.failures...)
}

// judge reads all there is to read, has it checked, and tells what was found. An error leaves
// the verdict open.
func (r *run) judge(t *testing.T) error {
	ctx, cancel := context.WithTimeout(t.Context(), readTimeout)
	defer cancel()
	if err := r.load.ReadAll(ctx); err != nil {
		return fmt.Errorf("final reads: %w", err)
	}
	rows, err := checker.Read(ctx, r.sources.OrdersDatabase, r.sources.PaymentsDatabase, r.prefix)
	if err != nil {
		return fmt.Errorf("final reads: %w", err)
	}
	calls, err := r.calls.Calls()
	if err != nil {
		return err
	}
	if r.verdict, err = checker.Check(calls, rows, r.striker.destroyed); err != nil {
		return err
	}
	tell(t, r.verdict)
	r.broken = len(r.verdict.Findings) > 0
	certificate, err := r.audit.Check(ctx, audit.Expectation{Acknowledged: acknowledged(calls)})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if err := certificate.Print(os.Stdout); err != nil {
		return err
	}
	if !certificate.Holds() {
		r.broken = true
		t.Error("the audit found promises broken")
	}
	return nil
}

func tell(t *testing.T, verdict *checker.Verdict) {
	t.Helper()
	fmt.Println(verdict)
	for i, finding := range verdict.Findings {
		if i == findingsShown {
			t.Errorf("and %d more", len(verdict.Findings)-i)
			break
		}
		t.Errorf("%s: %s", finding.Class, finding.Text)
	}
}

// acknowledged are all orders that were answered with 201, each as it was last seen.
func acknowledged(calls []journal.Call) []audit.Order {
	orders := map[string]audit.Order{}
	for _, call := range calls {
		made := call.Method == http.MethodPost && call.Status == http.StatusCreated && !call.Replayed
		seen := strings.HasPrefix(call.Path, "/orders/") && call.Status == http.StatusOK
		var order audit.Order
		if call.Service != journal.Orders || !(made || seen) || json.Unmarshal([]byte(call.Answer), &order) != nil {
			continue
		}
		if made || order.Status != "NEW" {
			orders[order.ID] = order
		}
	}
	return slices.Collect(maps.Values(orders))
}

// keep leaves all calls and findings of the run in build/chaos/SEED.
func (r *run) keep(t *testing.T, seed uint64) {
	t.Helper()
	folder := filepath.Join("..", "..", "build", "chaos", strconv.FormatUint(seed, 10))
	calls, err := r.calls.Calls()
	err = errors.Join(err, os.RemoveAll(folder), os.MkdirAll(folder, 0o755))
	err = errors.Join(err, journal.WriteFile(filepath.Join(folder, "calls.jsonl"), calls))
	if r.verdict != nil {
		err = errors.Join(err, journal.WriteFile(filepath.Join(folder, "findings.jsonl"), r.verdict.Findings))
	}
	if err != nil {
		t.Error(err)
	}
}
