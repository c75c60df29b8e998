package fault

import (
	"context"
	"maps"
	"testing"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// eachAlone, at 1, has the relay send each event as a message of its own.
const eachAlone = "RELAY_MESSAGE_EVENTS_MAX"

// hastySweeper requests payments again long before a test gives up.
var hastySweeper = rig.Env{
	"SWEEP_INTERVAL_MS": "100", "SWEEP_OVERTAKEN_AFTER_MS": "1000", "SWEEP_WAITING_AFTER_MS": "3000",
}

// What the broker had confirmed is gone, as with its disk: the payments are requested again.
func TestOrdersSettleWhoseRequestsTheBrokerLost(t *testing.T) {
	env := maps.Clone(hastySweeper)
	env[eachAlone] = "1"
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Env: env}})
	payers := system.NewPayers(users, price)
	system.Payments.Kill()
	placed := placeOneEach(system, payers)
	destroy(t, "payments", "payments.payment-requested", len(placed))
	system.Payments.Start()
	system.Audit(payers, placed)
	if swept := system.Orders.Metric("orders_swept_total"); swept < float64(len(placed)) {
		t.Errorf("%v of %d orders were requested again", swept, len(placed))
	}
}

// The answers are gone: the decisions that were taken are sent again, and nothing is charged twice.
func TestOrdersSettleAsDecidedWhoseAnswersTheBrokerLost(t *testing.T) {
	system := rig.Start(t, rig.Options{
		Orders:   rig.Setup{Env: rig.Env{"ROLES": "api,relay"}},
		Payments: rig.Setup{Env: rig.Env{eachAlone: "1"}},
	})
	payers := system.NewPayers(users, 2*price)
	placed := placeOneEach(system, payers)
	destroy(t, "orders", "orders.payment-processed", len(placed))
	system.Orders.Kill()
	system.Orders.Set("ROLES", "")
	for name, value := range hastySweeper {
		system.Orders.Set(name, value)
	}
	system.Orders.Start()
	if ends := system.Audit(payers, placed); ends["FINISHED"] != len(placed) {
		t.Errorf("%v, but all %d were charged", ends, len(placed))
	}
}

func placeOneEach(system *rig.System, payers rig.Payers) []support.Order {
	var placed []support.Order
	for _, payer := range payers.IDs {
		placed = append(placed, system.PlaceOrders(payer, price)...)
	}
	return placed
}

// destroy takes messages out of the queue for good, until there have been so many.
func destroy(t *testing.T, service, queue string, messages int) {
	t.Helper()
	destroyed := 0
	await(t, "messages to destroy in "+queue, func(context.Context) error {
		purged, err := support.PurgeQueue(service, queue)
		if err != nil {
			return err
		}
		destroyed += purged
		return above(float64(messages-1), float64(destroyed))
	})
}
