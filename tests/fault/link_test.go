package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Row 29. The link is lost while what it delivered is at work: nothing is acked on another one,
// which would be refused and cost that link, too.
func TestDeliveriesAreNotAckedOnAnotherLink(t *testing.T) {
	const orders = 20
	system := rig.Start(t, rig.Options{Payments: rig.Setup{Env: rig.Env{"FAILPOINTS": "charge_before_commit=delay:2000"}}})
	payers := system.NewPayers(1, orders/2*price)
	database := superuser(t, "payments")
	var placed []support.Order
	for struck := 0; struck < shortOrLong(1, 20); {
		links := linksOf(payments(system), "payments-consumer")
		placed = append(placed, system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, orders)...)...)
		await(t, "a decision under way", func(ctx context.Context) error { return decisionUnderWay(ctx, database) })
		closeConnections(t, system, requestRoute)
		if decisionUnderWay(t.Context(), database) == nil {
			struck++
		}
		awaitLinks(t, payments(system), "payments-consumer", links+1)
	}
	demandEnds(t, system.Audit(payers, placed), orders/2, len(placed)-orders/2)
	demandNoPrecondition(t, system)
}

// Row 30. The broker closes the channel of a consumer that acks too late: it consumes on, and
// nothing was acked before its commit.
func TestAConsumerThatIsTooSlowForTheBrokerConsumesOn(t *testing.T) {
	timeout, stalled := shortOrLong(time.Second, 10*time.Second), shortOrLong(3*time.Second, time.Minute)
	const orders = 20
	system := rig.Prepare(t, rig.Options{})
	setConsumerTimeout(t, system.Broker, timeout)
	system.Start()
	payers := system.NewPayers(1, orders/2*price)
	unlock := lockAccount(t, payers.IDs[0])
	stall := time.Now()
	placed := system.PlaceOrders(payers.IDs[0], slices.Repeat([]int64{price}, orders)...)
	awaitWithin(t, 2*time.Minute, "the channel closed", func(context.Context) error {
		if left := stalled - time.Since(stall); left > 0 {
			return fmt.Errorf("%v left", left)
		}
		return logged(payments(system), "channel closed: PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out")
	})
	unlock()
	demandEnds(t, system.Audit(payers, placed), orders/2, orders/2)
}

// setConsumerTimeout is for channels that are opened from now on, which otherwise look at their
// timeouts once a minute.
func setConsumerTimeout(t *testing.T, broker *rig.Broker, timeout time.Duration) {
	t.Helper()
	const settings = `[{consumer_timeout, %d}, {channel_tick_interval, %d}]`
	set := func(timeout, tick time.Duration) {
		broker.Control("eval", fmt.Sprintf(`[application:set_env(rabbit, Name, Value) || {Name, Value} <- `+settings+`].`,
			timeout.Milliseconds(), tick.Milliseconds()))
	}
	set(timeout, time.Second)
	t.Cleanup(func() { set(24*time.Hour, time.Minute) })
}

func closeConnections(_ *testing.T, system *rig.System, _ route) {
	system.Broker.Control("close_all_connections", "struck")
}

func awaitLinks(t *testing.T, service *rig.Copy, link string, count int) {
	t.Helper()
	await(t, fmt.Sprintf("link %d of %s", count, link), func(context.Context) error {
		if found := linksOf(service, link); found < count {
			return fmt.Errorf("%d links so far", found)
		}
		return nil
	})
}

// linksOf is how many links it had so far under this name.
func linksOf(service *rig.Copy, link string) int {
	return strings.Count(service.Log(), `"message":"broker link up","link":"`+link+`"`)
}

// decisionUnderWay is nil while payments-service has written a decision that it has not
// committed.
func decisionUnderWay(ctx context.Context, database *pgx.Conn) error {
	var locks float64
	if err := database.QueryRow(ctx, `
		SELECT count(*) FROM pg_locks WHERE relation = 'payment_transactions'::regclass AND mode = 'RowExclusiveLock'`).Scan(&locks); err != nil {
		return err
	}
	return above(0, locks)
}

func demandNoPrecondition(t *testing.T, system *rig.System) {
	t.Helper()
	for _, each := range []*rig.Copy{orders(system), payments(system)} {
		if strings.Contains(each.Log(), "PRECONDITION") {
			t.Errorf("%s was told of a PRECONDITION", each.Name())
		}
	}
}
