package fault

import (
	"context"
	"net/http"
	"testing"
	"time"

	"orderspayments/tests/fault/proxy"
	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

const (
	// freedTimeout is for the answer to a caller whose database has fallen silent.
	freedTimeout = 6 * time.Second
	// backTimeout is from the database's return to the first order that is accepted.
	backTimeout = 5 * time.Second

	terminationInterval = 100 * time.Millisecond
)

// Row 5.
func TestTerminatedBackendsCostNoOrderAndMakeNoServerError(t *testing.T) {
	for _, name := range []string{"orders", "payments"} {
		t.Run(name, func(t *testing.T) {
			system := rig.Start(t, rig.Options{})
			seconds := shortOrLong(4, 60)
			payers, load := startTimedLoad(system, perSecond, seconds)
			terminated := terminateBackends(t, name, load.Done())
			result := load.Wait()
			t.Logf("%d backends terminated", terminated)
			if terminated < seconds {
				t.Error("hardly any backend was terminated")
			}
			system.Audit(payers, result.Accepted)
		})
	}
}

// terminateBackends ends all of the service's, ten times a second.
func terminateBackends(t *testing.T, name string, done <-chan struct{}) (terminated int) {
	t.Helper()
	connection := superuser(t, name)
	ticker := time.NewTicker(terminationInterval)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return terminated
		case <-ticker.C:
		}
		var found int
		err := connection.QueryRow(t.Context(), `
			SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = $1`, name+"_service").Scan(&found)
		if err != nil {
			t.Error(err)
		}
		terminated += found
	}
}

// Row 6.
func TestAKilledDatabaseIsAnAnswerOf503AndComesBack(t *testing.T) {
	between, env := databaseProxy(t, "orders")
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Env: env}})
	orders := orders(system)
	payers, load := startLoad(t, system, 1)
	system.OrdersDatabase.Kill()
	between.Refuse() // its supervisor has it back at once
	await(t, "503 of /health", func(ctx context.Context) error { return healthNames(ctx, orders.URL, "database") })
	for range shortOrLong(20, 1000) {
		expectUnavailable(t, http.MethodPost, orders.URL+"/orders", payers.IDs[0])
		expectUnavailable(t, http.MethodGet, orders.URL+"/orders", payers.IDs[0])
	}
	expectLive(t, orders.URL)
	system.OrdersDatabase.AwaitUp()
	between.Heal()
	awaitAccepted(t, orders.URL, payers.IDs[0])
	load.Stop()
	result := load.Wait()
	if result.Slowest > freedTimeout {
		t.Errorf("an answer took %v", result.Slowest)
	}
	system.Audit(payers, result.Accepted)
}

// Row 7. The database's host is gone without a word: what is sent is taken and never answered.
func TestASilentDatabaseHoldsNoCallerForLong(t *testing.T) {
	between, env := databaseProxy(t, "orders")
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Env: env}})
	orders := orders(system)
	payers, load := startLoad(t, system, 1)
	awaitApplied(t, orders)
	between.Hold(proxy.Both)
	slowest := readFor(t, time.Duration(shortOrLong(8, 60))*time.Second, orders.URL+"/orders", payers.IDs[0])
	load.Stop()
	result := load.Wait()
	t.Logf("slowest read: %v", slowest)
	between.Heal()
	if slowest > freedTimeout || result.Slowest > freedTimeout {
		t.Errorf("a read took %v, an order %v", slowest, result.Slowest)
	}
	awaitAccepted(t, orders.URL, payers.IDs[0])
	system.Audit(payers, result.Accepted)
}

// Row 7, at the worst moment: while a new connection prepares its statements.
func TestADatabaseThatFallsSilentToNewConnectionsHoldsNoCallerForLong(t *testing.T) {
	between, env := databaseProxy(t, "orders")
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Env: env}})
	orders := orders(system)
	payers := system.NewPayers(1, price)
	between.OnRequest(func(int) proxy.Verdict { return proxy.Silence }, "outbox_")
	between.Cut()
	expectUnavailable(t, http.MethodPost, orders.URL+"/orders", payers.IDs[0])
	expectUnavailable(t, http.MethodGet, orders.URL+"/orders", payers.IDs[0])
	between.Heal()
	order := awaitAccepted(t, orders.URL, payers.IDs[0])
	system.Audit(payers, []support.Order{order})
}

// With payments' database away every order is still accepted, and settled after its return.
func TestOrdersAreAcceptedWithoutThePaymentsDatabase(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	payers, load := startTimedLoad(system, 2*perSecond, shortOrLong(10, 120))
	system.PaymentsDatabase.Stop()
	result := load.Wait()
	acceptedAll(t, result)
	system.PaymentsDatabase.Start()
	system.Audit(payers, result.Accepted)
}

// startTimedLoad makes orders for so many seconds, by users who can pay for half of them.
func startTimedLoad(system *rig.System, perSecond, seconds int) (rig.Payers, *rig.RunningLoad) {
	payers := system.NewPayers(users, int64(price*perSecond*seconds/users/2))
	return payers, system.StartLoad(rig.Load{Payers: payers, Amount: price, PerSecond: perSecond, Duration: time.Duration(seconds) * time.Second})
}
