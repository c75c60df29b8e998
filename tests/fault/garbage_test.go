package fault

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/errgroup"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// spoilt are ways to make a message of which a consumer can make nothing.
var spoilt = []func(*amqp.Publishing){
	func(message *amqp.Publishing) { message.Body = []byte("no protobuf") },
	func(message *amqp.Publishing) { message.Body = nil },
	func(message *amqp.Publishing) { message.Body = message.Body[:len(message.Body)/2] },
	func(message *amqp.Publishing) { message.Type = "" },
	func(message *amqp.Publishing) { message.Type = "shipping.events.v1.ParcelSent" },
	func(message *amqp.Publishing) { message.Type = strings.Replace(message.Type, ".v1.", ".v2.", 1) },
	func(message *amqp.Publishing) { message.ContentType = "application/json" },
	func(message *amqp.Publishing) { message.MessageId = "" },
	func(message *amqp.Publishing) { message.MessageId = "1" },
}

// Row 33.
func TestGarbageDiesAtOnceAndItsNeighboursSettle(t *testing.T) {
	const garbage, orders = 100, 100
	buryAtEnd(t)
	system := rig.Start(t, rig.Options{})
	payers := system.NewPayers(1, orders/2*price)
	var group errgroup.Group
	for _, way := range routes {
		var messages []amqp.Publishing
		for i := range garbage {
			spoiltOne := eventOf(t, way, support.Order{ID: randomUUID(), UserID: payers.IDs[0], Amount: price})
			spoilt[i%len(spoilt)](&spoiltOne)
			messages = append(messages, spoiltOne)
		}
		group.Go(func() error { return publish(t.Context(), way, messages) })
	}
	placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, orders)...)
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	for _, way := range routes {
		buryDeadLetters(t, way, garbage)
	}
	demandEnds(t, system.Audit(payers, placed), orders/2, orders/2)
}

// Row 34. An event that can be read, but lies, is dead; what was decided stands.
func TestEventsThatLieDieAndChangeNothing(t *testing.T) {
	const orders = 20
	liars := shortOrLong(200, 10_000)
	random := rand.New(rand.NewPCG(1, 0))
	buryAtEnd(t)
	system := rig.Start(t, rig.Options{})
	payers := system.NewPayers(2, orders/2*price)
	placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, orders)...)
	before := system.Audit(payers, placed)
	for _, way := range routes {
		lies := []func(*support.Order){
			func(lie *support.Order) { lie.Amount = 0 },
			func(lie *support.Order) { lie.Amount = -lie.Amount },
			func(lie *support.Order) { lie.Amount = math.MinInt64 + random.Int64N(math.MaxInt64) },
			func(lie *support.Order) { lie.Amount = 1<<53 + random.Int64N(math.MaxInt64-1<<53) },
			func(lie *support.Order) { lie.Amount++ },
			func(lie *support.Order) { lie.ID = "" },
			func(lie *support.Order) { lie.ID = lie.ID[:random.IntN(len(lie.ID))] },
			func(lie *support.Order) { lie.ID = strings.Replace(lie.ID, "-", "x", 1) },
			func(lie *support.Order) { lie.UserID = "" },
			func(lie *support.Order) { lie.UserID = "-" + lie.UserID },
			func(lie *support.Order) { lie.UserID = strings.Repeat("u", 65+random.IntN(100)) },
			func(lie *support.Order) { lie.UserID = payers.IDs[1] },
		}
		var messages []amqp.Publishing
		for i := range liars {
			lie := placed[random.IntN(len(placed))]
			lies[i%len(lies)](&lie)
			messages = append(messages, eventOf(t, way, lie))
		}
		if err := publish(t.Context(), way, messages); err != nil {
			t.Error(err)
		}
		buryDeadLetters(t, way, liars)
	}
	demandEnds(t, system.Audit(payers, placed), before["FINISHED"], before["CANCELLED"])
}
