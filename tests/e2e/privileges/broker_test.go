package privileges

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"orderspayments/deploy/operator/audit"
	"orderspayments/tests/support"
)

// unboundKey leads to no queue: what is published under it goes nowhere.
const unboundKey = "nobody.listens"

// attempt is something to do on a channel of its own, whose last call is answered.
type attempt func(channel *amqp.Channel) error

func declareExchange(name string) attempt {
	return func(channel *amqp.Channel) error {
		return channel.ExchangeDeclare(name, "direct", true, false, false, false, nil)
	}
}

func declareQueue(name string) attempt {
	return func(channel *amqp.Channel) error {
		_, err := channel.QueueDeclare(name, true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
		return err
	}
}

// deleteQueue would be refused for another reason if the right were there.
func deleteQueue(name string) attempt {
	return func(channel *amqp.Channel) error {
		_, err := channel.QueueDelete(name, true, true, false)
		return err
	}
}

func bindQueue(queue, key, exchange string) attempt {
	return func(channel *amqp.Channel) error { return channel.QueueBind(queue, key, exchange, false, nil) }
}

// get hands what it gets back: the channel is closed.
func get(queue string) attempt {
	return func(channel *amqp.Channel) error {
		_, _, err := channel.Get(queue, false)
		return err
	}
}

func publish(exchange, key, user string) attempt {
	return func(channel *amqp.Channel) error {
		if err := channel.Publish(exchange, key, false, false, amqp.Publishing{UserId: user}); err != nil {
			return err
		}
		// A refusal comes before the answer to this.
		_, err := channel.QueueDeclarePassive(audit.DeadLetterQueues[0], true, false, false, false, nil)
		return err
	}
}

// try gives the broker's code, 0 for a success.
func try(t *testing.T, broker string, attempt attempt) int {
	t.Helper()
	connection, err := amqp.Dial(broker)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		t.Fatal(err)
	}
	// A refusal closes the channel. One of a message may do so before the next call, which
	// then tells no more than that.
	closed := channel.NotifyClose(make(chan *amqp.Error, 1))
	err = attempt(channel)
	if err == nil {
		return 0
	}
	refusal := <-closed
	if refusal == nil {
		t.Fatal(err)
	}
	return refusal.Code
}

func tryAll(t *testing.T, broker string, want int, attempts map[string]attempt) {
	t.Helper()
	for name, attempt := range attempts {
		t.Run(name, func(t *testing.T) {
			if code := try(t, broker, attempt); code != want {
				t.Errorf("code %d, not %d", code, want)
			}
		})
	}
}

func TestABrokerUserReachesItsOwnOnly(t *testing.T) {
	for _, side := range []struct{ own, queue, peer, peerQueue string }{
		{"orders", "orders.payment-processed", "payments", "payments.payment-requested"},
		{"payments", "payments.payment-requested", "orders", "orders.payment-processed"},
	} {
		broker := support.BrokerURL(side.own)
		t.Run(side.own, func(t *testing.T) {
			tryAll(t, broker, amqp.AccessRefused, map[string]attempt{
				"declare the peer's exchange":          declareExchange(side.peer + ".events"),
				"declare the peer's queue":             declareQueue(side.peerQueue),
				"declare the peer's dead letters":      declareQueue(side.peerQueue + ".dlq"),
				"declare a further queue":              declareQueue("intruder"),
				"declare a further exchange":           declareExchange("intruder"),
				"delete the peer's queue":              deleteQueue(side.peerQueue),
				"bind the peer's queue":                bindQueue(side.peerQueue, "#", side.own+".events"),
				"overhear its own exchange":            bindQueue(side.queue, "#", side.own+".events"),
				"overhear the peer's dead letters":     bindQueue(side.queue+".dlq", side.peerQueue, "dead.events"),
				"publish as the peer":                  publish(side.peer+".events", unboundKey, ""),
				"publish straight to the peer's queue": publish("", side.peerQueue, ""),
				"publish straight to its own queue":    publish("", side.queue, ""),
				"forge the peer's dead letters":        publish("dead.events", side.peerQueue, ""),
				"publish to a standard exchange":       publish("amq.topic", unboundKey, ""),
				"read the peer's queue":                get(side.peerQueue),
				"read the peer's dead letters":         get(side.peerQueue + ".dlq"),
			})
			tryAll(t, broker, amqp.PreconditionFailed, map[string]attempt{
				"publish in the peer's name": publish(side.own+".events", unboundKey, side.peer),
			})
			tryAll(t, broker, 0, map[string]attempt{
				"declare its own exchange":     declareExchange(side.own + ".events"),
				"declare its own dead letters": declareQueue(side.queue + ".dlq"),
				"publish in its own name":      publish(side.own+".events", unboundKey, side.own),
				"read its own dead letters":    get(side.queue + ".dlq"),
			})
		})
	}
}

func TestTheOperatorHandlesDeadLettersOnly(t *testing.T) {
	broker := audit.SourcesOf(os.Getenv).Broker
	refused, allowed := map[string]attempt{
		"declare a queue":     declareQueue("intruder"),
		"declare an exchange": declareExchange("intruder"),
	}, map[string]attempt{}
	for _, service := range []string{"orders", "payments"} {
		refused["publish as "+service] = publish(service+".events", unboundKey, "")
	}
	for _, queue := range audit.DeadLetterQueues {
		work := queue[:len(queue)-len(".dlq")]
		refused["read "+work] = get(work)
		refused["delete "+work] = deleteQueue(work)
		refused["delete "+queue] = deleteQueue(queue)
		allowed["read "+queue] = get(queue)
	}
	allowed["send to a queue"] = publish("", unboundKey, "")
	tryAll(t, broker, amqp.AccessRefused, refused)
	tryAll(t, broker, 0, allowed)
}

func TestOnlyTheAdministratorManagesTheBroker(t *testing.T) {
	for user, setting := range map[string]string{"orders": "ORDERS_AMQP_PASSWORD", "payments": "PAYMENTS_AMQP_PASSWORD", "operator": "OPERATOR_AMQP_PASSWORD"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			fmt.Sprintf("http://127.0.0.1:%s/api/overview", support.Setting("RABBITMQ_UI_PORT", "15672")), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth(user, support.Setting(setting, user))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", user, response.Status)
		}
	}
}
