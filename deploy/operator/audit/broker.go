package audit

import (
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// DeadLetterQueues are all there are.
var DeadLetterQueues = []string{"payments.payment-requested.dlq", "orders.payment-processed.dlq"}

// brokerTimeout is for reaching the broker and logging in.
const brokerTimeout = 5 * time.Second

// checkQueues asks the broker itself: the management plug-in's figures lag behind.
func checkQueues(ctx context.Context, broker string, expected Expectation, certificate *Certificate) error {
	connection, err := amqp.DialConfig(broker, amqp.Config{Dial: amqp.DefaultDial(brokerTimeout)})
	if err != nil {
		return err
	}
	defer connection.Close()
	// No call of the client's takes a context.
	defer context.AfterFunc(ctx, func() { connection.Close() })()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	for _, name := range DeadLetterQueues {
		queue, err := channel.QueueDeclarePassive(name, true, false, false, false, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		finding := certificate.add("I7", "no message died in "+name)
		finding.Checked = int64(queue.Messages)
		if wrong := finding.Checked - expected.Poison[name]; wrong != 0 {
			finding.Broken = max(wrong, -wrong)
			finding.Examples = []string{fmt.Sprintf("%d letters, not %d", queue.Messages, expected.Poison[name])}
		}
	}
	return nil
}
