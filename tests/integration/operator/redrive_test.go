package operator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"google.golang.org/protobuf/proto"

	"orderspayments/deploy/operator/redrive"
	messagingv1 "orderspayments/gen/messaging/v1"
	"orderspayments/tests/support"
)

const (
	work = "payments.payment-requested"
	dead = work + ".dlq"
	// many letters take several windows.
	many        = 200
	waitTimeout = 10 * time.Second
)

func channelOf(t *testing.T) *amqp.Channel {
	t.Helper()
	channel, err := broker.Channel()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { channel.Close() })
	return channel
}

// emptyQueues declares the queues as the payments service does, with further arguments for
// the work queue.
func emptyQueues(t *testing.T, further amqp.Table) {
	t.Helper()
	channel := channelOf(t)
	arguments := amqp.Table{
		"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-dead-letter-strategy": "at-least-once",
		"x-dead-letter-exchange": "dead.events", "x-dead-letter-routing-key": work,
	}
	maps.Copy(arguments, further)
	err := channel.ExchangeDeclare("dead.events", "topic", true, false, false, false, nil)
	for _, queue := range []string{work, dead} {
		_, deleted := channel.QueueDelete(queue, false, false, false)
		err = errors.Join(err, deleted)
	}
	_, declared := channel.QueueDeclare(dead, true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
	bound := channel.QueueBind(dead, work, "dead.events", false, nil)
	_, workDeclared := channel.QueueDeclare(work, true, false, false, false, arguments)
	if err := errors.Join(err, declared, bound, workDeclared); err != nil {
		t.Fatal(err)
	}
}

// letters puts so many into the dead-letter queue, as the services' messages are.
func letters(t *testing.T, count int) {
	t.Helper()
	var all []amqp.Publishing
	for i := range count {
		all = append(all, amqp.Publishing{
			MessageId: fmt.Sprint(i), CorrelationId: "order", Type: "orders.events.v1.PaymentRequested", UserId: "guest",
			ContentType: "application/x-protobuf", DeliveryMode: amqp.Persistent, Headers: amqp.Table{"traceparent": "00-t"}, Body: []byte("body"),
		})
	}
	publish(t, dead, all...)
}

// drain takes all out of a queue.
func drain(t *testing.T, queue string) []amqp.Delivery {
	t.Helper()
	channel := channelOf(t)
	var all []amqp.Delivery
	for {
		delivery, ok, err := channel.Get(queue, true)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return all
		}
		all = append(all, delivery)
	}
}

func waiting(t *testing.T, queue string) int {
	t.Helper()
	found, err := channelOf(t).QueueDeclarePassive(queue, true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found.Messages
}

func awaitWaiting(t *testing.T, queue string, want int) {
	t.Helper()
	err := support.Within(t.Context(), waitTimeout, func(context.Context) error {
		if found := waiting(t, queue); found != want {
			return fmt.Errorf("%d in %s, not %d", found, queue, want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func send(t *testing.T, ctx context.Context, lettersMax int) (int, error) {
	t.Helper()
	session, err := redrive.Open(ctx, sources.Broker)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	return session.Redrive(ctx, dead, lettersMax)
}

func ids(deliveries []amqp.Delivery) map[string]int {
	counts := map[string]int{}
	for _, delivery := range deliveries {
		counts[delivery.MessageId]++
	}
	return counts
}

func TestShownLettersStay(t *testing.T) {
	emptyQueues(t, nil)
	letters(t, 3)
	session, err := redrive.Open(t.Context(), sources.Broker)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	there, err := session.Show(dead, 2, func(letter redrive.Letter) error {
		shown = append(shown, letter.Events[0].ID)
		return nil
	})
	if err != nil || there != 3 || !slices.Equal(shown, []string{"0", "1"}) {
		t.Errorf("%q of %d, %v", shown, there, err)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	awaitWaiting(t, dead, 3)
}

func TestALetterOfSeveralEventsShowsEach(t *testing.T) {
	emptyQueues(t, nil)
	body, err := proto.Marshal(&messagingv1.EventBatch{Events: []*messagingv1.Event{
		{EventId: "1", CorrelationId: "one order", Payload: []byte("a")},
		{EventId: "2", CorrelationId: "another", Payload: []byte("b")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range [][]byte{body, []byte("no batch")} {
		publish(t, dead, amqp.Publishing{MessageId: "1", CorrelationId: "one order", Type: "messaging.v1.EventBatch", Body: content})
	}
	session, err := redrive.Open(t.Context(), sources.Broker)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	var shown []string
	if _, err := session.Show(dead, 2, func(letter redrive.Letter) error {
		for _, event := range letter.Events {
			shown = append(shown, fmt.Sprintf("%s of %s: %s", event.ID, event.OrderID, event.Payload))
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if want := []string{"1 of one order: a", "2 of another: b", "1 of one order: no batch"}; !slices.Equal(shown, want) {
		t.Errorf("%q", shown)
	}
}

func TestRedrivenLettersAreTheMessagesTheyWere(t *testing.T) {
	emptyQueues(t, nil)
	letters(t, many)
	if sent, err := send(t, t.Context(), many); sent != many || err != nil {
		t.Fatalf("sent %d, %v", sent, err)
	}
	awaitWaiting(t, dead, 0)
	all := drain(t, work)
	if len(all) != many || len(ids(all)) != many {
		t.Errorf("%d messages, %d different", len(all), len(ids(all)))
	}
	got := all[0]
	delete(got.Headers, "x-delivery-count") // the broker's own
	if got.MessageId != "0" || got.CorrelationId != "order" || got.Type != "orders.events.v1.PaymentRequested" || got.UserId != "" ||
		got.ContentType != "application/x-protobuf" || got.DeliveryMode != amqp.Persistent || string(got.Body) != "body" ||
		!maps.Equal(got.Headers, amqp.Table{"traceparent": "00-t", "x-redriven": int64(1)}) {
		t.Errorf("%+v", got)
	}
}

func TestRedriveTakesNoMoreThanItIsTold(t *testing.T) {
	emptyQueues(t, nil)
	letters(t, 5)
	if sent, err := send(t, t.Context(), 2); sent != 2 || err != nil {
		t.Errorf("sent %d, %v", sent, err)
	}
	awaitWaiting(t, dead, 3)
	awaitWaiting(t, work, 2)
}

func TestPoisonThatDiesAgainIsNotLooped(t *testing.T) {
	emptyQueues(t, nil)
	letters(t, many)
	channel := channelOf(t)
	deliveries, err := channel.Consume(work, "", false, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for delivery := range deliveries {
			delivery.Reject(false)
		}
	}()
	if sent, err := send(t, t.Context(), 10*many); sent != many || err != nil {
		t.Errorf("sent %d, %v", sent, err)
	}
	awaitWaiting(t, dead, many)
	if err := channel.Close(); err != nil {
		t.Fatal(err)
	}
	session, err := redrive.Open(t.Context(), sources.Broker)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := session.Show(dead, many, func(letter redrive.Letter) error {
		if letter.Reason != "rejected" || letter.Redriven != 1 || time.Since(letter.Died) > time.Hour {
			return fmt.Errorf("%+v", letter)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}

	// The next try knows of the one before, and nothing of the death.
	if sent, err := send(t, t.Context(), 1); sent != 1 || err != nil {
		t.Errorf("sent %d, %v", sent, err)
	}
	for _, message := range drain(t, work) {
		delete(message.Headers, "x-delivery-count")
		if !maps.Equal(message.Headers, amqp.Table{"traceparent": "00-t", "x-redriven": int64(2)}) {
			t.Errorf("%v", message.Headers)
		}
	}
}

func TestLettersStayWhereThereIsNoWorkQueue(t *testing.T) {
	emptyQueues(t, nil)
	letters(t, 3)
	if _, err := channelOf(t).QueueDelete(work, false, false, false); err != nil {
		t.Fatal(err)
	}
	if sent, err := send(t, t.Context(), 3); sent != 0 || !errors.Is(err, redrive.ErrRefused) {
		t.Errorf("sent %d, %v", sent, err)
	}
	awaitWaiting(t, dead, 3)
}

func TestLettersThatAFullWorkQueueRefusesStay(t *testing.T) {
	emptyQueues(t, amqp.Table{"x-max-length": 10})
	letters(t, many)
	sent, err := send(t, t.Context(), many)
	if sent >= many || !errors.Is(err, redrive.ErrRefused) {
		t.Errorf("sent %d, %v", sent, err)
	}
	awaitWaiting(t, dead, many-sent)
	awaitWaiting(t, work, sent)
}

func TestARedriveThatIsCutOffLosesNothing(t *testing.T) {
	emptyQueues(t, nil)
	letters(t, many)
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	go func() {
		support.Within(ctx, waitTimeout, func(context.Context) error {
			if waiting(t, work) == 0 {
				return errors.New("nothing was sent")
			}
			return nil
		})
		cut()
	}()
	sent, err := send(t, ctx, many)
	t.Logf("cut off after %d: %v", sent, err)
	// What was held unacknowledged comes back once the broker has noticed.
	err = support.Within(t.Context(), waitTimeout, func(context.Context) error {
		if all := waiting(t, dead) + waiting(t, work); all < many {
			return fmt.Errorf("%d of %d", all, many)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := send(t, t.Context(), many); err != nil {
		t.Error(err)
	}
	awaitWaiting(t, dead, 0)
	if there := ids(drain(t, work)); len(there) != many {
		t.Errorf("%d of %d letters are at work", len(there), many)
	}
}
