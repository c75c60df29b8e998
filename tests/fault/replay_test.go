package fault

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
	"google.golang.org/protobuf/proto"

	messagingv1 "orderspayments/gen/messaging/v1"
	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Row 35. All answers come again, three times, in any order, under the same event ids or others,
// and so do such as contradict them.
func TestAnswersThatComeAgainChangeNothing(t *testing.T) {
	const orders, replays = 50, 3
	system := rig.Start(t, rig.Options{})
	answers := tap(t, answerRoute, answerRoute.key, batchKey)
	payers := system.NewPayers(1, orders/2*price)
	placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, orders)...)
	system.Audit(payers, placed)
	before, applied := rowsOf(t, payers), int(system.Orders.Metric("inbox_events_applied_total"))

	again := slices.Repeat(answers(orders), replays)
	for _, order := range placed {
		again = append(again, eventOf(t, answerRoute, order))
	}
	rand.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
	if err := publish(t.Context(), answerRoute, again); err != nil {
		t.Error(err)
	}
	awaitAppliedInAll(t, system.Orders, applied+(replays+1)*orders)
	if after := rowsOf(t, payers); !slices.Equal(before, after) {
		t.Errorf("rows before: %v\nafter: %v", before, after)
	}
	system.Audit(payers, placed)
}

// Row 35. An order commits before it asks to be paid, so no honest answer comes too early.
func TestAnAnswerToNoOrderDiesAtOnce(t *testing.T) {
	buryAtEnd(t)
	rig.Start(t, rig.Options{})
	stray := eventOf(t, answerRoute, support.Order{ID: randomUUID(), UserID: "nobody", Amount: price})
	if err := publish(t.Context(), answerRoute, []amqp.Publishing{stray}); err != nil {
		t.Error(err)
	}
	buryDeadLetters(t, answerRoute, 1)
}

// Row 46. A broker that was restored from an old copy delivers what was decided long ago.
func TestRequestsFromARestoredBrokerChangeNothing(t *testing.T) {
	const orders = 100
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Env: rig.Env{eachAlone: "1"}}})
	payers := system.NewPayers(1, orders/2*price)
	system.Payments.Kill()
	placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, orders)...)
	awaitMessages(t, requestRoute.queue, orders)
	system.Broker.Freeze()
	system.Broker.KeepCopy()
	system.Broker.Thaw()
	system.Payments.Start()
	before := system.Audit(payers, placed)

	system.Broker.Stop()
	system.Broker.RestoreCopy()
	system.Broker.Start()
	awaitAppliedInAll(t, system.Payments, 2*orders)
	demandEnds(t, system.Audit(payers, placed), before["FINISHED"], before["CANCELLED"])
}

// Row 37. All that the broker had is gone, and with it its exchanges and queues.
func TestOrdersSettleAlthoughTheBrokerLostItsDisk(t *testing.T) {
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Env: hastySweeper}})
	payers, load := startLoad(t, system, 5)
	awaitApplied(t, payments(system))
	system.Broker.Stop()
	system.Broker.Wipe()
	system.Broker.Start()
	load.Stop()
	result := load.Wait()
	acceptedAll(t, result)
	system.Audit(payers, result.Accepted)
	demandNoRestart(t, system)
}

// tap copies the route's messages under these keys from now on; what it returns waits for so
// many events.
func tap(t *testing.T, way route, keys ...string) (take func(events int) []amqp.Publishing) {
	t.Helper()
	connection, err := amqp.Dial(administratorURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	deliveries, err := consumeCopies(connection, way, keys)
	if err != nil {
		t.Fatal(err)
	}
	return func(events int) (taken []amqp.Publishing) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), noticeTimeout)
		defer cancel()
		for came := 0; came < events; {
			select {
			case each := <-deliveries:
				came += eventsIn(t, each)
				taken = append(taken, amqp.Publishing{
					MessageId: each.MessageId, CorrelationId: each.CorrelationId, Type: each.Type,
					ContentType: each.ContentType, DeliveryMode: each.DeliveryMode, Body: each.Body,
				})
			case <-ctx.Done():
				t.Fatalf("%d events, not %d", came, events)
			}
		}
		return taken
	}
}

func eventsIn(t *testing.T, message amqp.Delivery) int {
	t.Helper()
	if message.Type != batchKey {
		return 1
	}
	var batch messagingv1.EventBatch
	if err := proto.Unmarshal(message.Body, &batch); err != nil {
		t.Fatal(err)
	}
	return len(batch.GetEvents())
}

// consumeCopies has a queue of its own, which ends with the connection.
func consumeCopies(connection *amqp.Connection, way route, keys []string) (<-chan amqp.Delivery, error) {
	channel, err := connection.Channel()
	if err != nil {
		return nil, err
	}
	queue, err := channel.QueueDeclare("", false, true, true, false, nil)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if err := channel.QueueBind(queue.Name, key, way.exchange, false, nil); err != nil {
			return nil, err
		}
	}
	return channel.Consume(queue.Name, "", true, true, false, false, nil)
}

// rowsOf are the payers' orders, each with the transaction that wrote it last.
func rowsOf(t *testing.T, payers rig.Payers) []string {
	t.Helper()
	rows, err := superuser(t, "orders").Query(t.Context(), `
		SELECT format('%s %s', xmin, orders) FROM orders WHERE user_id = ANY($1) ORDER BY id`, payers.IDs)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
