package fault

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	messagingv1 "orderspayments/gen/messaging/v1"
	"orderspayments/tests/support"
)

// route is one of the two ways that events go.
type route struct {
	publisher, exchange, key string
	consumer, queue          string
}

var (
	requestRoute = route{
		publisher: "orders", exchange: "orders.events", key: "orders.events.v1.PaymentRequested",
		consumer: "payments", queue: "payments.payment-requested",
	}
	answerRoute = route{
		publisher: "payments", exchange: "payments.events", key: "payments.events.v1.PaymentProcessed",
		consumer: "orders", queue: "orders.payment-processed",
	}
	routes = []route{requestRoute, answerRoute}
)

// batchKey is of messages with several events, on either route.
var batchKey = string((&messagingv1.EventBatch{}).ProtoReflect().Descriptor().FullName())

func (r route) deadLetters() string { return r.queue + ".dlq" }

var administratorURL = support.Setting("AMQP_ADMIN_URL", "amqp://guest:guest@127.0.0.1:5672/")

// administer does something at the broker as one who may do everything.
func administer(t *testing.T, do func(*amqp.Channel) error) {
	t.Helper()
	if err := tryAdminister(do); err != nil {
		t.Error(err)
	}
}

func tryAdminister(do func(*amqp.Channel) error) error {
	connection, err := amqp.Dial(administratorURL)
	if err != nil {
		return err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	return do(channel)
}

// unbind takes a queue's bindings by these keys from it. Where there are none, it does nothing.
func unbind(t *testing.T, way route, keys ...string) {
	t.Helper()
	administer(t, func(channel *amqp.Channel) error {
		for _, key := range keys {
			if err := channel.QueueUnbind(way.queue, key, way.exchange, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// awaitMessages waits until the queue has so many messages to deliver.
func awaitMessages(t *testing.T, queue string, messages int) {
	t.Helper()
	awaitWithin(t, shortOrLong(noticeTimeout, 5*time.Minute), "messages in "+queue, func(context.Context) error {
		return tryAdminister(func(channel *amqp.Channel) error {
			found, err := channel.QueueDeclarePassive(queue, true, false, false, false, nil)
			if err == nil && found.Messages != messages {
				err = fmt.Errorf("%d messages, not %d", found.Messages, messages)
			}
			return err
		})
	})
}

// consumed is nil while the queue has a consumer.
func consumed(queue string) error {
	return tryAdminister(func(channel *amqp.Channel) error {
		found, err := channel.QueueDeclarePassive(queue, true, false, false, false, nil)
		if err == nil && found.Consumers == 0 {
			err = fmt.Errorf("%s has no consumer", queue)
		}
		return err
	})
}

// buryAtEnd empties all dead-letter queues when the test is over, however it ended.
func buryAtEnd(t *testing.T) {
	t.Cleanup(func() {
		for _, way := range routes {
			administer(t, func(channel *amqp.Channel) error {
				_, err := channel.QueuePurge(way.deadLetters(), false)
				return err
			})
		}
	})
}

// buryDeadLetters waits until exactly so many messages of the route are dead, and empties
// their queue.
func buryDeadLetters(t *testing.T, way route, letters int) {
	t.Helper()
	awaitMessages(t, way.deadLetters(), letters)
	administer(t, func(channel *amqp.Channel) error {
		buried, err := channel.QueuePurge(way.deadLetters(), false)
		if err == nil && buried != letters {
			err = fmt.Errorf("%d dead letters in %s, not %d", buried, way.deadLetters(), letters)
		}
		return err
	})
}

// manage calls the management API. What is gone already is not deleted again.
func manage(t *testing.T, method, path, body string) []byte {
	t.Helper()
	api := support.Setting("RABBITMQ_MANAGEMENT_URL", "http://guest:guest@127.0.0.1:15672") + "/api/"
	// Also when the test is over.
	status, answer, err := support.Send(context.WithoutCancel(t.Context()), method, api+path, "", body)
	gone := method == http.MethodDelete && status == http.StatusNotFound
	if err != nil || status >= http.StatusMultipleChoices && !gone {
		t.Errorf("%s %s: %d %s %v", method, path, status, answer, err)
	}
	return answer
}
