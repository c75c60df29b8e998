package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Row 32. Whatever the broker closes or cancels under a service, the service has it again soon.
func TestLinksAreRebuiltWhateverTheBrokerDoesToThem(t *testing.T) {
	const interval = "500" // in ms, at which consumers declare anew
	system := rig.Prepare(t, rig.Options{Orders: rig.Setup{Env: hastySweeper}})
	system.Orders.Set("DECLARE_INTERVAL_MS", interval)
	system.Payments.Set("DECLARE_INTERVAL_MS", interval)
	system.Start()
	payers, load := startLoad(t, system, 2)
	for range shortOrLong(2, 17) {
		for _, strike := range linkStrikes {
			for _, way := range routes {
				strike.do(t, system, way)
			}
		}
	}
	load.Stop()
	system.Audit(payers, load.Wait().Accepted)
}

// lostTimeout is for the loss of a link that a strike ended to be in the service's log.
const lostTimeout = 2 * time.Second

// linkStrike ends the link of a route's publisher ("relay") or consumer.
type linkStrike struct {
	strike func(*testing.T, *rig.System, route)
	ended  func(route) (service, link string)
}

var linkStrikes = []linkStrike{
	// basic.cancel. What was in the queue is requested again.
	{deleteQueue, func(way route) (string, string) { return way.consumer, "consumer" }},
	// channel.close, at the next message.
	{deleteExchange, func(way route) (string, string) { return way.publisher, "relay" }},
	// connection.close
	{closeConnections, func(way route) (string, string) { return way.consumer, "consumer" }},
}

func (s linkStrike) do(t *testing.T, system *rig.System, way route) {
	t.Helper()
	name, link := s.ended(way)
	service, link := copyOf(system, name), name+"-"+link
	ups, downs := linksOf(service, link), linksLost(service, link)
	lost := func(context.Context) error {
		if linksLost(service, link) == downs {
			return errors.New("not yet")
		}
		return nil
	}
	await(t, link+" lost", func(ctx context.Context) error {
		if lost(ctx) == nil {
			return nil
		}
		// RabbitMQ 3.10 does not get over the deletion of a queue that is just being declared.
		if err := consumed(way.queue); err != nil {
			return err
		}
		s.strike(t, system, way)
		// Maybe again: an exchange may have been declared anew before the relay noticed.
		return support.Within(ctx, lostTimeout, lost)
	})
	awaitLinks(t, service, link, ups+1)
}

func deleteQueue(t *testing.T, _ *rig.System, way route) {
	t.Helper()
	administer(t, func(channel *amqp.Channel) error {
		_, err := channel.QueueDelete(way.queue, false, false, false)
		return err
	})
}

func deleteExchange(t *testing.T, _ *rig.System, way route) {
	t.Helper()
	administer(t, func(channel *amqp.Channel) error { return channel.ExchangeDelete(way.exchange, false, false) })
}

// linksLost is how many links of this name it lost so far.
func linksLost(service *rig.Copy, link string) int {
	return strings.Count(service.Log(), `"message":"broker link down, trying again","link":"`+link+`"`)
}

// Row 32. A queue that is deleted and at once declared anew can lose its consumer without a word
// to that one. Here it is taken out by hand.
func TestAConsumerThatTheBrokerForgotConsumesAgain(t *testing.T) {
	const forget = `
		{ok, Queue} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"%s">>)),
		[ra:process_command(amqqueue:get_pid(Queue), rabbit_fifo:make_checkout({element(2, C), element(1, C)}, cancel, #{}))
		 || C <- rabbit_amqqueue:consumers(Queue)].`
	declareSoon := rig.Setup{Env: rig.Env{"DECLARE_INTERVAL_MS": "500"}}
	system := rig.Start(t, rig.Options{Orders: declareSoon, Payments: declareSoon})
	payers := system.NewPayers(1, price)
	for _, way := range routes {
		system.Broker.Control("eval", fmt.Sprintf(forget, way.queue))
	}
	placed := system.PlaceOrders(payers.IDs[0], price, price)
	demandEnds(t, system.Audit(payers, placed), 1, 1)
}
