package fault

import (
	"crypto/rand"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	amqp "github.com/rabbitmq/amqp091-go"
	"google.golang.org/protobuf/proto"

	eventsv1 "orderspayments/gen/orders/events/v1"
	"orderspayments/tests/support"
)

// requestPayments publishes a PaymentRequested of each order, in this order, each as an event
// of its own, as orders-service does. It returns when the broker has them all.
func requestPayments(t *testing.T, orders []support.Order) {
	t.Helper()
	if err := tryRequestPayments(t, orders); err != nil {
		t.Error(err)
	}
}

func tryRequestPayments(t *testing.T, orders []support.Order) error {
	connection, err := amqp.Dial(support.BrokerURL("orders"))
	if err != nil {
		return err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	if err := channel.Confirm(false); err != nil {
		return err
	}
	var confirms []*amqp.DeferredConfirmation
	for _, order := range orders {
		request := &eventsv1.PaymentRequested{OrderId: order.ID, UserId: order.UserID, Amount: order.Amount}
		body, err := proto.Marshal(request)
		if err != nil {
			return err
		}
		name := string(request.ProtoReflect().Descriptor().FullName())
		confirm, err := channel.PublishWithDeferredConfirm("orders.events", name, true, false, amqp.Publishing{
			MessageId: randomUUID(), CorrelationId: order.ID, Type: name,
			ContentType: "application/x-protobuf", DeliveryMode: amqp.Persistent, Body: body,
		})
		if err != nil {
			return err
		}
		confirms = append(confirms, confirm)
	}
	for _, confirm := range confirms {
		if _, err := confirm.WaitContext(t.Context()); err != nil {
			return err
		}
	}
	return nil
}

func randomUUID() string {
	id := pgtype.UUID{Valid: true}
	rand.Read(id.Bytes[:])
	return id.String()
}
