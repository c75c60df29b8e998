package fault

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

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
			unbind(t, way, way.key, batchKey)
			placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, 100)...)
			// The consumer may just have looked.
			await(t, "a refused event", func(ctx context.Context) error {
				unbind(t, way, way.key, batchKey)
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

// Row 11. A consumer of a version that knows no messages of several events has not bound its
// queue for them: they go to it one by one, and none dies.
func TestEventsGoAloneToAConsumerThatKnowsNoBatches(t *testing.T) {
	declareLate := rig.Setup{Env: rig.Env{"DECLARE_INTERVAL_MS": "3600000"}}
	system := rig.Start(t, rig.Options{Orders: declareLate, Payments: declareLate})
	for _, way := range routes {
		unbind(t, way, batchKey)
	}
	payers := system.NewPayers(1, 100*price)
	placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, 100)...)
	demandEnds(t, system.Audit(payers, placed), 100, 0)
	for _, copy := range []*rig.Copy{orders(system), payments(system)} {
		if refused := copy.Metric("outbox_events_refused_total"); refused == 0 {
			t.Error("no event was sent together with another")
		}
	}
}

// Row 13. A full queue refuses what comes; it stays in the outbox, and goes when there is room.
func TestEventsWaitForRoomInAFullQueue(t *testing.T) {
	const orders = 100
	system := rig.Start(t, rig.Options{})
	payers := system.NewPayers(1, orders/2*price)
	system.Payments.Kill()
	lift := limitQueue(t, requestRoute.queue, 1)
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

// Row 13. What a full dead-letter queue does not refuse it keeps.
func TestAFullDeadLetterQueueDropsNoLetter(t *testing.T) {
	const queue, letters = "strike.dlq", 200
	administer(t, func(channel *amqp.Channel) error {
		_, err := channel.QueueDeclare(queue, true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
		return err
	})
	t.Cleanup(func() { manage(t, http.MethodDelete, "queues/%2F/"+queue, "") })
	limitQueue(t, queue, 10)
	kept := 0
	administer(t, func(channel *amqp.Channel) error {
		if err := channel.Confirm(false); err != nil {
			return err
		}
		for range letters {
			confirm, err := channel.PublishWithDeferredConfirm("", queue, true, false, amqp.Publishing{DeliveryMode: amqp.Persistent})
			if err != nil {
				return err
			}
			taken, err := confirm.WaitContext(t.Context())
			if err != nil {
				return err
			}
			if taken {
				kept++
			}
		}
		return nil
	})
	if kept == letters {
		t.Errorf("none of %d letters was refused", letters)
	}
	awaitMessages(t, queue, kept)
}

// limitQueue lets so many messages wait in the queue, until it is lifted.
func limitQueue(t *testing.T, queue string, messages int) (lift func()) {
	const policy = "policies/%2F/strike"
	var found struct {
		Definition map[string]any `json:"effective_policy_definition"`
	}
	await(t, "the policy of "+queue, func(context.Context) error {
		if err := json.Unmarshal(manage(t, http.MethodGet, "queues/%2F/"+queue, ""), &found); err != nil {
			return err
		}
		return above(0, float64(len(found.Definition)))
	})
	// Of the policies for a queue, only the one of the highest priority counts.
	found.Definition["max-length"] = messages
	body, err := json.Marshal(map[string]any{
		"pattern": "^" + regexp.QuoteMeta(queue) + "$", "apply-to": "queues", "priority": 1, "definition": found.Definition,
	})
	if err != nil {
		t.Fatal(err)
	}
	manage(t, http.MethodPut, policy, string(body))
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
