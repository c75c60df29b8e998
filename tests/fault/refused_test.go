package fault

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"orderspayments/tests/fault/rig"
)

// Row 11. Events that no queue is bound for stay in the outbox until the consumer has bound
// its queue again, which it does without being told.
func TestEventsWaitForABindingThatWasDeleted(t *testing.T) {
	declareSoon := rig.Setup{Env: rig.Env{"DECLARE_INTERVAL_MS": shortOrLong("1000", "10000")}}
	for _, way := range routes {
		t.Run(way.queue, func(t *testing.T) {
			system := rig.Start(t, rig.Options{Orders: declareSoon, Payments: declareSoon})
			payers := system.NewPayers(1, 50*price)
			unbind(t, way)
			placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, 100)...)
			// The consumer may just have looked.
			await(t, "a refused event", func(ctx context.Context) error {
				unbind(t, way)
				refused, err := copyOf(system, way.publisher).ScrapeMetric(ctx, "outbox_events_refused_total")
				if err != nil {
					return err
				}
				if refused == 0 {
					placed = append(placed, system.PlaceOrders(payers.IDs[0], price)...)
				}
				return above(0, refused)
			})
			demandEnds(t, system.Audit(payers, placed), 50, len(placed)-50)
		})
	}
}

// Row 13. A full queue refuses what comes; it stays in the outbox, and goes when there is room.
func TestEventsWaitForRoomInAFullQueue(t *testing.T) {
	const orders = 100
	system := rig.Start(t, rig.Options{})
	payers := system.NewPayers(1, orders/2*price)
	system.Payments.Kill()
	lift := limitQueue(t, requestRoute, 1)
	placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, orders)...)
	await(t, "a refused event", func(ctx context.Context) error {
		refused, err := system.Orders.ScrapeMetric(ctx, "outbox_events_refused_total")
		if err != nil {
			return err
		}
		return above(0, refused)
	})
	lift()
	system.Payments.Start()
	demandEnds(t, system.Audit(payers, placed), orders/2, orders/2)
}

// limitQueue lets so many messages wait in the queue, until it is lifted.
func limitQueue(t *testing.T, way route, messages int) (lift func()) {
	const policy = "policies/%2F/strike"
	// Of the policies for a queue, only the one of the highest priority counts.
	body := fmt.Sprintf(`{"pattern":"^%s$","apply-to":"queues","priority":1,"definition":{"delivery-limit":1000,"max-length":%d}}`,
		strings.ReplaceAll(way.queue, ".", `\\.`), messages)
	manage(t, http.MethodPut, policy, body)
	lift = func() { manage(t, http.MethodDelete, policy, "") }
	t.Cleanup(lift)
	return lift
}

func copyOf(system *rig.System, service string) *rig.Copy {
	if service == "orders" {
		return orders(system)
	}
	return payments(system)
}
