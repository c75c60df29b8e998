// Package schedule says when a chaos run strikes what. It touches nothing.
package schedule

import (
	"fmt"
	"time"
)

// Kind is what is done to a target.
type Kind string

// What Lasting says is how long it goes on; the others are over at once.
const (
	// Kill sends SIGKILL; the process is started again by what supervises it.
	Kill Kind = "kill"
	// Freeze sends SIGSTOP, and SIGCONT when it is over. Lasting.
	Freeze Kind = "freeze"
	// Stop ends the process in good order, and starts it again when it is over. Lasting.
	Stop Kind = "stop"
	// Terminate ends all connections of a database by pg_terminate_backend.
	Terminate Kind = "terminate backends"
	// Cut resets all connections of a link.
	Cut Kind = "cut"
	// HalfOpen swallows what is sent over a link, either way. Lasting.
	HalfOpen Kind = "half-open"
	// Doubt resets a database's connections right after what commits was obeyed. Lasting.
	Doubt Kind = "commit in doubt"
	// MemoryAlarm and DiskAlarm make the broker take no messages. Lasting.
	MemoryAlarm Kind = "memory alarm"
	DiskAlarm   Kind = "disk alarm"
	// CloseConnections has the broker close every connection.
	CloseConnections Kind = "close connections"
	// DeleteQueue destroys a queue and the messages in it; DeleteBinding has nothing reach it.
	DeleteQueue   Kind = "delete queue"
	DeleteBinding Kind = "delete binding"
	// Failpoint has the process kill itself at the target, an arrow of the flow. Lasting: if it
	// does not get there in that time, it is killed anyhow.
	Failpoint Kind = "failpoint"
)

// What can be struck, besides failpoints.
const (
	OrdersService    = "orders-service"
	PaymentsService  = "payments-service"
	OrdersGateway    = "orders-gateway"
	PaymentsGateway  = "payments-gateway"
	OrdersPostgres   = "postgres-orders"
	PaymentsPostgres = "postgres-payments"
	Broker           = "rabbitmq"

	OrdersToDatabase   = "orders-service to its database"
	PaymentsToDatabase = "payments-service to its database"
	OrdersToBroker     = "orders-service to rabbitmq"
	PaymentsToBroker   = "payments-service to rabbitmq"

	RequestQueue = "payments.payment-requested"
	AnswerQueue  = "orders.payment-processed"
)

// Failpoints are the arrows at which each service can die.
var Failpoints = map[string][]string{
	OrdersService: {
		"create_before_commit", "create_after_commit",
		"request_after_publish", "request_after_confirm", "request_after_delete",
		"settle_before_commit", "settle_after_commit", "settle_after_ack",
	},
	PaymentsService: {
		"charge_before_commit", "charge_after_commit", "charge_after_ack",
		"answer_after_publish", "answer_after_confirm", "answer_after_delete",
		"top_up_before_commit", "top_up_after_commit",
		"create_account_before_commit", "create_account_after_commit",
	},
}

// Strike is one thing done to one target.
type Strike struct {
	Start   time.Duration // since the beginning of the run
	Lasting time.Duration // 0 where the kind has none
	Kind    Kind
	Target  string
	Part    string // what suffers: no part suffers two strikes at the same time
	Hit     int    // of a Failpoint: it is the Hit-th passage that kills, from 1
}

// Destroys tells whether messages that the broker has confirmed are lost.
func (k Kind) Destroys() bool { return k == DeleteQueue }

func (s Strike) String() string {
	text := fmt.Sprintf("%7.2f s  %s %s", s.Start.Seconds(), s.Kind, s.Target)
	if s.Hit > 0 {
		text += fmt.Sprintf(" at passage %d", s.Hit)
	}
	if s.Lasting > 0 {
		text += fmt.Sprintf(" for %.2f s", s.Lasting.Seconds())
	}
	return text
}
