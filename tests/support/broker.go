package support

import amqp "github.com/rabbitmq/amqp091-go"

// BrokerAccepts is nil when a client can log in.
func BrokerAccepts() error {
	connection, err := amqp.Dial(BrokerURL("orders"))
	if err != nil {
		return err
	}
	return connection.Close()
}
