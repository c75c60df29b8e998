package chaos

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"orderspayments/tests/chaos/journal"
	"orderspayments/tests/chaos/schedule"
	"orderspayments/tests/fault/proxy"
	"orderspayments/tests/support"
)

const (
	// doubtEvery n-th request to commit is cut off while commits are in doubt: the next try has a chance.
	doubtEvery       = 3
	statementTimeout = 30 * time.Second
	startTimeout     = 10 * time.Second
	// How long a queue has had a consumer before it is deleted, and how long that is waited for:
	// longer than its consumer may be struck.
	consumedMin     = time.Second
	consumedTimeout = 20 * time.Second

	// The broker's own defaults, to which an alarm is taken back.
	memoryWatermark = "0.4"
	diskFreeLimit   = "50MB"
)

// striker carries out a schedule.
type striker struct {
	*system
	clock *journal.Journal

	lock      sync.Mutex
	struck    map[string]int // by kind
	failures  []error        // strikes that could not be made
	missed    []string       // failpoints that were not reached in their time
	destroyed time.Duration  // when messages last were, on the journal's clock
}

func newStriker(s *system, clock *journal.Journal) *striker {
	return &striker{system: s, clock: clock, struck: map[string]int{}}
}

// strike returns when all strikes are over. Those on one part follow one another, and each waits
// for the part to be back from the one before.
func (s *striker) strike(ctx context.Context, strikes []schedule.Strike) {
	begin := s.clock.Now()
	byPart := map[string][]schedule.Strike{}
	for _, strike := range strikes {
		byPart[strike.Part] = append(byPart[strike.Part], strike)
	}
	var group sync.WaitGroup
	for _, part := range byPart {
		group.Go(func() {
			for _, strike := range part {
				select {
				case <-time.After(begin + strike.Start - s.clock.Now()):
				case <-ctx.Done():
					return
				}
				s.note(strike, s.carryOut(ctx, strike))
			}
		})
	}
	group.Wait()
}

func (s *striker) note(strike schedule.Strike, err error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if err != nil {
		s.failures = append(s.failures, fmt.Errorf("%v: %w", strike, err))
		return
	}
	s.struck[string(strike.Kind)]++
	if strike.Kind.Destroys() {
		s.destroyed = s.clock.Now()
	}
}

// String counts the strikes of each kind.
func (s *striker) String() string {
	var kinds []string
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(s.struck)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, s.struck[kind]))
		total += s.struck[kind]
	}
	return fmt.Sprintf("%d strikes: %s (failpoints not reached: %q)", total, strings.Join(kinds, ", "), s.missed)
}

func (s *striker) carryOut(ctx context.Context, strike schedule.Strike) error {
	process, infrastructure, link := s.processes[strike.Part], s.infrastructure[strike.Part], s.links[strike.Part]
	switch {
	case process != nil:
		return s.onProcess(ctx, strike)
	case infrastructure != nil:
		infrastructure.AwaitUp()
		return s.onInfrastructure(ctx, strike)
	case link != nil:
		onLink(link, strike)
		return nil
	}
	return fmt.Errorf("there is no %s", strike.Part)
}

func (s *striker) onProcess(ctx context.Context, strike schedule.Strike) error {
	process := s.processes[strike.Part]
	switch strike.Kind {
	case schedule.Kill:
		process.Kill()
	case schedule.Freeze:
		process.Freeze()
		<-time.After(strike.Lasting)
		process.Thaw()
	case schedule.Failpoint:
		return s.armFailpoint(ctx, strike)
	default:
		return fmt.Errorf("a process cannot suffer %s", strike.Kind)
	}
	return nil
}

// armFailpoint starts the process anew with the failpoint, and for its next life without.
func (s *striker) armFailpoint(ctx context.Context, strike schedule.Strike) error {
	process := s.processes[strike.Part]
	before := process.Starts()
	process.Set("FAILPOINTS", fmt.Sprintf("%s=abort@%d", strike.Target, strike.Hit))
	process.Kill()
	err := support.Within(ctx, startTimeout, started(process.Starts, before))
	process.Set("FAILPOINTS", "")
	if err != nil {
		return err
	}
	if support.Within(ctx, strike.Lasting, started(process.Starts, before+1)) != nil {
		s.lock.Lock()
		s.missed = append(s.missed, strike.Target)
		s.lock.Unlock()
		process.Kill()
	}
	return nil
}

func started(starts func() int, before int) func(context.Context) error {
	return func(context.Context) error {
		if starts() <= before {
			return fmt.Errorf("not started again")
		}
		return nil
	}
}

func (s *striker) onInfrastructure(ctx context.Context, strike schedule.Strike) error {
	part := s.infrastructure[strike.Part]
	switch strike.Kind {
	case schedule.Kill:
		part.Kill()
	case schedule.Freeze:
		part.Freeze()
		<-time.After(strike.Lasting)
		part.Thaw()
	case schedule.Stop:
		part.Stop()
		<-time.After(strike.Lasting)
		part.Start()
	case schedule.Terminate:
		return terminateBackends(ctx, strike.Part)
	case schedule.MemoryAlarm:
		s.alarm(strike.Lasting, "set_vm_memory_high_watermark", "0.000001", memoryWatermark)
	case schedule.DiskAlarm:
		s.alarm(strike.Lasting, "set_disk_free_limit", "1000000GB", diskFreeLimit)
	case schedule.CloseConnections:
		s.Broker.Control("close_all_connections", "chaos")
	case schedule.DeleteQueue, schedule.DeleteBinding:
		return deleteFromBroker(ctx, strike)
	default:
		return fmt.Errorf("infrastructure cannot suffer %s", strike.Kind)
	}
	return nil
}

func onLink(link *proxy.Proxy, strike schedule.Strike) {
	switch strike.Kind {
	case schedule.Cut:
		link.Cut()
		return
	case schedule.HalfOpen:
		link.Hold(proxy.Both)
	case schedule.Doubt:
		link.OnRequest(func(n int) proxy.Verdict {
			if n%doubtEvery == 1 {
				return proxy.CutAfter
			}
			return proxy.Pass
		}, support.CommitRequests...)
	}
	<-time.After(strike.Lasting)
	link.Heal()
}

func terminateBackends(ctx context.Context, part string) error {
	url := map[string]string{
		schedule.OrdersPostgres: support.OrdersDatabase, schedule.PaymentsPostgres: support.PaymentsDatabase,
	}[part]
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	database, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer database.Close(ctx)
	_, err = database.Exec(ctx, `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE usename = current_user AND pid <> pg_backend_pid()`)
	return err
}

// alarm raises one by a setting of the broker, and takes it back.
func (s *striker) alarm(lasting time.Duration, setting, raise, clear string) {
	s.Broker.Control(setting, raise)
	<-time.After(lasting)
	s.Broker.Control(setting, clear)
}

// deleteFromBroker is what an operator's slip would do.
func deleteFromBroker(ctx context.Context, strike schedule.Strike) error {
	if strike.Kind == schedule.DeleteQueue {
		if err := awaitConsumed(ctx, strike.Target); err != nil {
			return err
		}
		return onChannel(func(channel *amqp.Channel) error {
			_, err := channel.QueueDelete(strike.Target, false, false, false)
			return err
		})
	}
	source := map[string][2]string{
		schedule.RequestQueue: {"orders.events.v1.PaymentRequested", "orders.events"},
		schedule.AnswerQueue:  {"payments.events.v1.PaymentProcessed", "payments.events"},
	}[strike.Target]
	return onChannel(func(channel *amqp.Channel) error {
		return errors.Join(
			channel.QueueUnbind(strike.Target, source[0], source[1], nil),
			channel.QueueUnbind(strike.Target, "messaging.v1.EventBatch", source[1], nil))
	})
}

// awaitConsumed waits until the queue has been at work for consumedMin. One that is deleted in
// the moment it comes up can take the supervisor of all dead-letter workers with it, in RabbitMQ
// 3.10, and then no queue of ours works until the broker is restarted.
func awaitConsumed(ctx context.Context, queue string) error {
	var since time.Time
	return support.Within(ctx, consumedTimeout, func(context.Context) error {
		err := onChannel(func(channel *amqp.Channel) error {
			found, err := channel.QueueDeclarePassive(queue, true, false, false, false, nil)
			if err == nil && found.Consumers == 0 {
				err = fmt.Errorf("%s has no consumer", queue)
			}
			return err
		})
		switch {
		case err != nil:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		}
		if err == nil && time.Since(since) < consumedMin {
			err = fmt.Errorf("%s has been consumed for %v", queue, time.Since(since))
		}
		return err
	})
}

func onChannel(do func(*amqp.Channel) error) error {
	connection, err := amqp.Dial(support.Setting("AMQP_ADMIN_URL", "amqp://guest:guest@127.0.0.1:5672/"))
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
