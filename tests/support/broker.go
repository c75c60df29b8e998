package support

import (
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// BrokerAccepts is nil when a client can log in.
func BrokerAccepts() error {
	connection, err := amqp.Dial(BrokerURL("orders"))
	if err != nil {
		return err
	}
	return connection.Close()
}

// QueueEmpty is nil when the queue has no message to deliver; consumers may have some in hand.
func QueueEmpty(service, queue string) error {
	connection, err := amqp.Dial(BrokerURL(service))
	if err != nil {
		return err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	found, err := channel.QueueDeclarePassive(queue, true, false, false, false, nil)
	if err == nil && found.Messages > 0 {
		err = fmt.Errorf("%d messages in %s", found.Messages, queue)
	}
	return err
}

// PurgeQueue destroys what the queue has to deliver, and tells how many messages that were.
func PurgeQueue(service, queue string) (int, error) {
	connection, err := amqp.Dial(BrokerURL(service))
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return 0, err
	}
	return channel.QueuePurge(queue, false)
}
