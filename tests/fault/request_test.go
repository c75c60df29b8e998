package fault

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	amqp "github.com/rabbitmq/amqp091-go"
	"google.golang.org/protobuf/proto"

	ordersv1 "orderspayments/gen/orders/events/v1"
	paymentsv1 "orderspayments/gen/payments/events/v1"
	"orderspayments/tests/support"
)

// requestPayments publishes a PaymentRequested of each order, in this order, each as an event
// of its own. It returns when the broker has them all.
func requestPayments(t *testing.T, orders []support.Order) {
	t.Helper()
	var requests []amqp.Publishing
	for _, order := range orders {
		requests = append(requests, eventOf(t, requestRoute, order))
	}
	if err := publish(t.Context(), requestRoute, requests); err != nil {
		t.Error(err)
	}
}

// eventOf is an event of its own about the order, as the route's publisher sends it: a request
// to pay, or the answer that it is paid.
func eventOf(t *testing.T, way route, order support.Order) amqp.Publishing {
	t.Helper()
	var event proto.Message = &ordersv1.PaymentRequested{OrderId: order.ID, UserId: order.UserID, Amount: order.Amount}
	if way == answerRoute {
		event = &paymentsv1.PaymentProcessed{
			OrderId: order.ID, UserId: order.UserID, Amount: order.Amount, Outcome: paymentsv1.PaymentProcessed_SUCCEEDED,
		}
	}
	body, err := proto.Marshal(event)
	if err != nil {
		t.Error(err)
	}
	return amqp.Publishing{
		MessageId: randomUUID(), CorrelationId: order.ID, Type: way.key,
		ContentType: "application/x-protobuf", DeliveryMode: amqp.Persistent, Body: body,
	}
}

// publish sends messages in the name of the route's publisher, and returns when the broker
// has them all.
func publish(ctx context.Context, way route, messages []amqp.Publishing) error {
	connection, err := amqp.Dial(support.BrokerURL(way.publisher))
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
	for _, each := range messages {
		confirm, err := channel.PublishWithDeferredConfirm(way.exchange, way.key, true, false, each)
		if err != nil {
			return err
		}
		confirms = append(confirms, confirm)
	}
	for _, confirm := range confirms {
		if confirmed, err := confirm.WaitContext(ctx); err != nil {
			return err
		} else if !confirmed {
			return errors.New("the broker refused a message")
		}
	}
	return nil
}

func randomUUID() string {
	id := pgtype.UUID{Valid: true}
	rand.Read(id.Bytes[:])
	return id.String()
}
