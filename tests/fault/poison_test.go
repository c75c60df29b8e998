package fault

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"testing"

	"orderspayments/tests/fault/proxy"
	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Row 23. One message kills its process whenever that is at work on it. Those that were
// delivered together with it settle while it goes on killing.
func TestAMessageThatKillsItsProcessTakesNoNeighbourAlong(t *testing.T) {
	crashesUnderLoad, crashes := shortOrLong(8, 15), shortOrLong(12, 25)
	system := rig.Start(t, rig.Options{})
	payments := payments(system)
	payments.KeepRunning()
	payers, load := startLoad(t, system, 1)
	poisoned := system.NewPayers(1, price)
	trap := setTrap(t, poisoned.IDs[0])
	poison := system.PlaceOrders(poisoned.IDs[0], price)
	for crash := range crashes {
		if crash == crashesUnderLoad {
			load.Stop()
		}
		backend := trap.awaitCaught()
		payments.Kill()
		trap.bury(backend)
	}
	accepted := load.Wait().Accepted
	awaitSettled(t, payers)
	trap.awaitCaught()
	trap.lift()
	system.Audit(payers, accepted)
	system.Audit(poisoned, poison)
}

// awaitSettled waits for the orders of these payers alone.
func awaitSettled(t *testing.T, payers rig.Payers) {
	t.Helper()
	database := superuser(t, "orders")
	await(t, "every order settled", func(ctx context.Context) error {
		var unsettled int
		err := database.QueryRow(ctx, `SELECT count(*) FROM orders WHERE user_id = ANY($1) AND status = 'NEW'`, payers.IDs).Scan(&unsettled)
		if err == nil && unsettled > 0 {
			err = fmt.Errorf("%d orders are not settled", unsettled)
		}
		return err
	})
}

// Row 23. Each lost link counts a delivery against every message in hand, none of which is at
// fault.
func TestDeliveriesInHandSurviveTheLossOfManyLinks(t *testing.T) {
	const inHand = 10
	losses := shortOrLong(8, 20)
	between, env := brokerProxy(t, "payments")
	// Or the consumer would look for its link, and find it lost, only once a second.
	env["DATABASE_URL"] = rig.DatabaseURL("payments", support.DatabasePort("payments")) + " options='-c lock_timeout=50'"
	system := rig.Start(t, rig.Options{Payments: rig.Setup{Env: env}})
	payers := system.NewPayers(1, inHand/2*price)
	unlock := lockAccount(t, payers.IDs[0])
	placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, inHand)...)
	for loss := range losses {
		await(t, "all deliveries in hand", func(context.Context) error { return inHandOf(payments(system), loss+1) })
		between.Cut()
	}
	unlock()
	demandEnds(t, system.Audit(payers, placed), inHand/2, inHand/2)
}

// inHandOf is nil when the consumer has its so-manieth link, and the queue nothing more to
// give it.
func inHandOf(service *rig.Copy, links int) error {
	if found := linksOf(service, "payments-consumer"); found < links {
		return fmt.Errorf("%d links so far", found)
	}
	return support.QueueEmpty("payments", "payments.payment-requested")
}

// lockAccount keeps payments-service from deciding on orders of one user until it is unlocked.
func lockAccount(t *testing.T, user string) (unlock func()) {
	t.Helper()
	lock, err := superuser(t, "payments").Begin(t.Context())
	if err == nil {
		_, err = lock.Exec(t.Context(), `SELECT FROM accounts WHERE user_id = $1 FOR UPDATE`, user)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := lock.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// brokerProxy stands between a service and the broker, by the settings that it comes with.
func brokerProxy(t *testing.T, service string) (*proxy.Proxy, rig.Env) {
	t.Helper()
	broker, err := url.Parse(support.BrokerURL(service))
	if err != nil {
		t.Fatal(err)
	}
	between, err := proxy.Start(broker.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(between.Close)
	broker.Host = fmt.Sprintf("127.0.0.1:%d", between.Port())
	return between, rig.Env{"AMQP_URL": broker.String()}
}
