package fault

import (
	"context"
	"slices"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// memoryMax is what a service may take, however many orders wait.
const memoryMax = 128 << 20

// Without payments-service every order is still accepted, and settled after its return.
func TestOrdersAreAcceptedWithoutThePaymentsService(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	seconds := shortOrLong(5, 120)
	payers := system.NewPayers(users, int64(price*perSecond*seconds/users))
	system.Payments.Kill()
	load := system.StartLoad(rig.Load{
		Payers: payers, Amount: price, PerSecond: 2 * perSecond, Duration: time.Duration(seconds) * time.Second,
	})
	result := load.Wait()
	acceptedAll(t, result)
	system.Payments.Start()
	system.Audit(payers, result.Accepted)
}

// A backlog, first of the outbox, then of the queue, drains through bounded memory.
func TestALongBacklogDrainsInLittleMemory(t *testing.T) {
	const drainTimeout = 10 * time.Minute
	waiting := shortOrLong(2_000, 100_000)
	system := rig.Start(t, rig.Options{})
	restartOrders(system, "api")
	payers := system.NewPayers(users, int64(price*waiting/users/2))
	var placed []support.Order
	for _, payer := range payers.IDs {
		placed = append(placed, system.PlaceOrders(payer, slices.Repeat([]int64{price}, waiting/users)...)...)
	}
	system.Payments.Kill()
	restartOrders(system, "api,relay,consumer")
	awaitWithin(t, drainTimeout, "all requests published", func(ctx context.Context) error {
		published, err := system.Orders.ScrapeMetric(ctx, "outbox_events_confirmed_total")
		if err != nil {
			return err
		}
		return above(float64(waiting)-1, published)
	})
	system.Payments.Start()
	system.AuditWithin(drainTimeout, payers, placed)
	for _, each := range []*rig.Copy{orders(system), payments(system)} {
		now, most := each.ResidentBytes()
		t.Logf("%s: %d MiB, at most %d MiB", each.Name(), now>>20, most>>20)
		if most > memoryMax {
			t.Errorf("%s took %d MiB", each.Name(), most>>20)
		}
	}
}
