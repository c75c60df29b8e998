package fault

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"orderspayments/tests/fault/proxy"
	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

const (
	doubtInterval      = 400 * time.Millisecond
	doubtfulCommitsMin = 8
)

// Row 4. Several times a second a commit of orders-service loses its answer: one half of them were
// obeyed, the other never arrived.
func TestACommitInDoubtMakesExactlyOneOrder(t *testing.T) {
	between, env := databaseProxy(t, "orders")
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Env: env}})
	acceptsAllWhileCommitsAreInDoubt(t, system, between, support.CommitRequests...)
}

// Row 4. The commit is obeyed and nothing is heard of it: the caller is told to try again, and
// finds its order by the key.
func TestACommitThatIsNeverAnsweredIsFoundAgainByItsKey(t *testing.T) {
	between, env := databaseProxy(t, "orders")
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Env: env}})
	payers := system.NewPayers(1, 2*price)
	url, user := orders(system).URL+"/orders", payers.IDs[0]
	between.OnRequest(func(int) proxy.Verdict { return proxy.Silence }, support.CommitRequests...)
	expectUnavailable(t, http.MethodPost, url, user, "Idempotency-Key", "once")
	between.Heal()
	var again answer
	await(t, "an answer to the second try", func(ctx context.Context) (err error) {
		again, err = ask(ctx, http.MethodPost, url, user, "Idempotency-Key", "once")
		if err == nil && again.status == http.StatusServiceUnavailable {
			err = errors.New("still unavailable")
		}
		return err
	})
	if again.status != http.StatusCreated || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the second try is answered %v, want the first one's order", again)
	}
	order := support.Order{ID: again.body.ID, UserID: user, Amount: price, Status: "NEW"}
	if ends := system.Audit(payers, []support.Order{order}); ends["FINISHED"] != 1 {
		t.Errorf("%v, want one order", ends)
	}
}

// Row 27. The same on payments-service, whose consumer charges and whose relay answers.
func TestACommitInDoubtChargesOnce(t *testing.T) {
	between, env := databaseProxy(t, "payments")
	system := rig.Start(t, rig.Options{Payments: rig.Setup{Env: env}})
	acceptsAllWhileCommitsAreInDoubt(t, system, between, "COMMIT")
}

func acceptsAllWhileCommitsAreInDoubt(t *testing.T, system *rig.System, between *proxy.Proxy, commits ...string) {
	t.Helper()
	watcher := system.NewPayers(1, price)
	var doubt doubt
	between.OnRequest(doubt.judge, commits...)
	payers, load := startTimedLoad(system, perSecond, shortOrLong(6, 60))
	stopWatching := watchOrders(t, system, watcher.IDs[0])
	result := load.Wait()
	watched := stopWatching()
	seen := between.Requests()
	t.Logf("%d commits were left in doubt", doubt.struck.Load())
	for _, commit := range commits {
		t.Logf("%d were %q", seen[commit], commit)
		if seen[commit] == 0 {
			t.Errorf("nothing of that kind was committed")
		}
	}
	between.Heal()
	ends := system.Audit(payers, result.Accepted)
	system.Audit(watcher, watched)
	if doubt.struck.Load() < doubtfulCommitsMin {
		t.Errorf("only %d commits were struck", doubt.struck.Load())
	}
	acceptedAll(t, result)
	// None of them twice.
	if made := ends["FINISHED"] + ends["CANCELLED"]; made != len(result.Accepted) {
		t.Errorf("%d orders exist for %d that were accepted", made, len(result.Accepted))
	}
}

// watchOrders makes orders of the user, one after the other, and watches each to its end. What it
// returns stops that, and tells which orders were accepted.
func watchOrders(t *testing.T, system *rig.System, user string) func() []support.Order {
	ctx, stop := context.WithCancel(t.Context())
	url := orders(system).URL
	accepted := make(chan []support.Order, 1)
	go func() {
		var made []support.Order
		for ctx.Err() == nil {
			order, err := support.PostOrder(ctx, url, user, price)
			if err != nil {
				continue
			}
			made = append(made, order)
			events, err := support.OpenEvents(ctx, url, user, order.ID)
			if err != nil {
				continue
			}
			for err == nil {
				_, err = events.Next()
			}
			events.Close()
		}
		accepted <- made
	}()
	return func() []support.Order {
		stop()
		return <-accepted
	}
}

// doubt strikes a commit, lets those of the next doubtInterval pass, and so on: long enough
// for the one that was struck to be tried again.
type doubt struct {
	struck atomic.Int64
	last   time.Time
}

func (d *doubt) judge(int) proxy.Verdict {
	if time.Since(d.last) < doubtInterval {
		return proxy.Pass
	}
	d.last = time.Now()
	if d.struck.Add(1)%2 == 1 {
		return proxy.CutAfter
	}
	return proxy.CutBefore
}

// databaseProxy stands before the database of "orders" or "payments"; with the settings the
// service goes through it.
func databaseProxy(t *testing.T, service string) (*proxy.Proxy, rig.Env) {
	t.Helper()
	between, err := proxy.Start(net.JoinHostPort("127.0.0.1", support.DatabasePort(service)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(between.Close)
	return between, rig.Env{"DATABASE_URL": rig.DatabaseURL(service, strconv.Itoa(between.Port()))}
}

func acceptedAll(t *testing.T, result *support.LoadResult) {
	t.Helper()
	if len(result.Accepted) != result.Attempts || result.HeldBack > 0 {
		t.Errorf("not every order was accepted: %v", result)
	}
}
