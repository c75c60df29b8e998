// Package redrive handles dead letters: shows what died and why, and sends it back to work.
//
// A letter leaves its dead-letter queue only after the broker has confirmed its copy in the
// work queue. Whatever is cut off in between leaves both: a repeat, which the services take
// for one, and never a loss. So a run that was cut off is simply run again.
//
// A letter that dies once more comes to the end of its dead-letter queue. A run takes no
// more letters than there were when it began, and never meets it.
package redrive

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"google.golang.org/protobuf/proto"

	messagingv1 "orderspayments/gen/messaging/v1"
)

const (
	brokerTimeout = 5 * time.Second
	// confirmTimeout is for the confirms of one window.
	confirmTimeout = 10 * time.Second
	// windowLetters are sent together before their confirms are awaited. Not more than the 32
	// acks that the broker passes on to a quorum queue at once: what it holds back is lost with
	// the end of the channel, and its letters would be sent twice.
	windowLetters = 30
	// redrivenHeader counts how often a letter was sent back.
	redrivenHeader = "x-redriven"
)

// ErrRefused is of a work queue that is full or not there; what it did not take still lies
// where it was.
var ErrRefused = errors.New("the work queue did not take all letters")

// Letter is a dead message.
type Letter struct {
	Type string
	// Events are what the message tells of: one, or those of a batch.
	Events []Event
	// Reason and Died are of its latest death: the broker's word, such as "rejected".
	Reason string
	Died   time.Time
	// Redriven counts how often it was sent back before.
	Redriven int64
}

// Event is named by the message where that is no batch.
type Event struct {
	ID, OrderID string
	Payload     []byte
}

// Session is one link to the broker.
type Session struct {
	connection *amqp.Connection
	channel    *amqp.Channel
	returns    chan amqp.Return
	release    func() bool
}

// Open logs in. A session ends with its context, or is closed by the caller.
func Open(ctx context.Context, broker string) (*Session, error) {
	connection, err := amqp.DialConfig(broker, amqp.Config{Dial: amqp.DefaultDial(brokerTimeout)})
	if err != nil {
		return nil, err
	}
	channel, err := connection.Channel()
	if err == nil {
		err = channel.Confirm(false)
	}
	if err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	// A return arrives before its confirm; the room keeps it from waiting for a reader.
	returns := channel.NotifyReturn(make(chan amqp.Return, windowLetters))
	// No call of the client's takes a context.
	release := context.AfterFunc(ctx, func() { connection.Close() })
	return &Session{connection, channel, returns, release}, nil
}

// Close gives letters that were looked at back to their queue.
func (s *Session) Close() error {
	s.release()
	// The channel's end is answered after its acks have been taken.
	return errors.Join(s.channel.Close(), s.connection.Close())
}

// Show hands over the first letters of a dead-letter queue, and tells how many there are. They
// stay in the queue, but nobody else sees them until the session is closed.
func (s *Session) Show(queue string, lettersMax int, show func(Letter) error) (there int, err error) {
	there, err = s.count(queue)
	if err != nil {
		return 0, err
	}
	for range min(there, lettersMax) {
		delivery, ok, err := s.channel.Get(queue, false)
		if err != nil || !ok {
			return there, err
		}
		if err := show(letterOf(delivery)); err != nil {
			return there, err
		}
	}
	return there, nil
}

// Redrive sends the first letters of a dead-letter queue back to its work queue, and tells how
// many left the one for the other.
func (s *Session) Redrive(ctx context.Context, queue string, lettersMax int) (sent int, err error) {
	there, err := s.count(queue)
	if err != nil {
		return 0, err
	}
	for wanted := min(there, lettersMax); sent < wanted; {
		letters, err := s.take(queue, min(wanted-sent, windowLetters))
		if err != nil || len(letters) == 0 {
			return sent, err
		}
		moved, err := s.move(ctx, letters, strings.TrimSuffix(queue, ".dlq"))
		sent += moved
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

func (s *Session) count(queue string) (int, error) {
	found, err := s.channel.QueueDeclarePassive(queue, true, false, false, false, nil)
	return found.Messages, err
}

func (s *Session) take(queue string, lettersMax int) ([]amqp.Delivery, error) {
	var letters []amqp.Delivery
	for range lettersMax {
		delivery, ok, err := s.channel.Get(queue, false)
		if err != nil || !ok {
			return letters, err
		}
		letters = append(letters, delivery)
	}
	return letters, nil
}

// move acks each letter whose copy is confirmed, and no other.
func (s *Session) move(ctx context.Context, letters []amqp.Delivery, workQueue string) (moved int, err error) {
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	confirms := make([]*amqp.DeferredConfirmation, len(letters))
	for i, letter := range letters {
		confirms[i], err = s.channel.PublishWithDeferredConfirmWithContext(ctx, "", workQueue, true, false, publishingOf(letter))
		if err != nil {
			return 0, err
		}
	}
	taken := make([]bool, len(letters))
	for i, confirm := range confirms {
		if taken[i], err = confirm.WaitContext(ctx); err != nil {
			return 0, err
		}
	}
	// What no queue took is confirmed as well, after its return.
	if len(s.returns) > 0 {
		return 0, fmt.Errorf("%w: there is no queue %s", ErrRefused, workQueue)
	}
	for i, letter := range letters {
		if !taken[i] {
			err = fmt.Errorf("%w: %s refuses messages", ErrRefused, workQueue)
			continue
		}
		if err := letter.Ack(false); err != nil {
			return moved, err
		}
		moved++
	}
	return moved, err
}

// publishingOf leaves out what told of the death, and the user who had published it: a
// publisher may name itself only.
func publishingOf(letter amqp.Delivery) amqp.Publishing {
	headers := maps.Clone(letter.Headers)
	maps.DeleteFunc(headers, func(name string, _ any) bool {
		return name == "x-death" || name == "x-delivery-count" || name == "x-acquired-count" ||
			strings.HasPrefix(name, "x-first-death-") || strings.HasPrefix(name, "x-last-death-")
	})
	if headers == nil {
		headers = amqp.Table{}
	}
	headers[redrivenHeader] = redriven(letter.Headers) + 1
	return amqp.Publishing{
		Headers: headers, ContentType: letter.ContentType, ContentEncoding: letter.ContentEncoding,
		DeliveryMode: amqp.Persistent, Priority: letter.Priority, CorrelationId: letter.CorrelationId,
		MessageId: letter.MessageId, Timestamp: letter.Timestamp, Type: letter.Type, AppId: letter.AppId,
		Body: slices.Clone(letter.Body),
	}
}

func letterOf(delivery amqp.Delivery) Letter {
	letter := Letter{
		Type: delivery.Type, Events: eventsOf(delivery),
		Reason: "unknown", Redriven: redriven(delivery.Headers),
	}
	// The latest death comes first.
	deaths, _ := delivery.Headers["x-death"].([]any)
	if len(deaths) == 0 {
		return letter
	}
	if death, ok := deaths[0].(amqp.Table); ok {
		if reason, ok := death["reason"].(string); ok {
			letter.Reason = reason
		}
		letter.Died, _ = death["time"].(time.Time)
	}
	return letter
}

func eventsOf(delivery amqp.Delivery) (events []Event) {
	var batch messagingv1.EventBatch
	if delivery.Type == string(batch.ProtoReflect().Descriptor().FullName()) && proto.Unmarshal(delivery.Body, &batch) == nil {
		for _, event := range batch.GetEvents() {
			events = append(events, Event{event.GetEventId(), event.GetCorrelationId(), event.GetPayload()})
		}
	}
	if len(events) == 0 {
		events = []Event{{delivery.MessageId, delivery.CorrelationId, delivery.Body}}
	}
	return events
}

func redriven(headers amqp.Table) int64 {
	count, _ := headers[redrivenHeader].(int64)
	return count
}
