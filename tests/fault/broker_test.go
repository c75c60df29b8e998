package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	eventsv1 "orderspayments/gen/orders/events/v1"
	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Row 15. What the broker has confirmed it still has after kill -9.
func TestConfirmedRequestsSurviveTheKillOfTheBroker(t *testing.T) {
	backlog := shortOrLong(2_000, 10_000)
	system := rig.Start(t, rig.Options{})
	payers := system.NewPayers(users, int64(price*backlog/users/2))
	system.Payments.Kill()
	var placed []support.Order
	for _, payer := range payers.IDs {
		placed = append(placed, system.PlaceOrders(payer, slices.Repeat([]int64{price}, backlog/users)...)...)
	}
	awaitWithin(t, time.Minute, "all requests confirmed", func(ctx context.Context) error {
		confirmed, err := system.Orders.ScrapeMetric(ctx, "outbox_events_confirmed_total")
		if err != nil {
			return err
		}
		return above(float64(backlog-1), confirmed)
	})
	system.Broker.Kill()
	system.Broker.AwaitUp()
	system.Payments.Start()
	demandEnds(t, system.Audit(payers, placed), backlog/2, backlog/2)
}

// Row 18. All that piled up goes out soon after the broker's return, without a restart.
func TestOrdersAreAcceptedWithoutTheBroker(t *testing.T) {
	type away struct{ seconds, perSecond int }
	forms := []away{{10, perSecond}}
	if long {
		forms = []away{{120, 200}, {600, 9}}
	}
	for _, form := range forms {
		t.Run(fmt.Sprintf("%ds,%d", form.seconds, form.perSecond), func(t *testing.T) {
			system := rig.Start(t, rig.Options{})
			payers, load := startTimedLoad(system, form.perSecond, form.seconds)
			system.Broker.Stop()
			result := load.Wait()
			acceptedAll(t, result)
			system.Broker.Start()
			system.Audit(payers, result.Accepted)
			demandNoRestart(t, system)
		})
	}
}

// Row 17. A broker that reads nothing fills the connection, until a message cannot even be
// sent. The relay gives up in time, and callers do not notice.
func TestABrokerThatIsFrozenFreezesNobody(t *testing.T) {
	const (
		givesUp = `"message":"broker link down, trying again","link":"orders-relay","error":"UNAVAILABLE: basic.publish`
		// givesUpTimeout is for the outbox to be read, and for 5 s in which nothing can be sent.
		givesUpTimeout = 10 * time.Second
	)
	system := rig.Start(t, rig.Options{})
	payer := system.NewPayers(1, price)
	placed := system.PlaceOrders(payer.IDs[0], price)
	system.Audit(payer, placed)
	system.Broker.Freeze()
	appendMuch(t, placed[0])
	// Before there are orders that the relay is handed, and so would send first.
	database := superuser(t, "orders")
	await(t, "the outbox being read", func(ctx context.Context) error { return relayHoldsRows(ctx, database) })
	payers, load := startTimedLoad(system, perSecond, shortOrLong(8, 60))
	awaitWithin(t, givesUpTimeout, "the relay freed", func(context.Context) error { return logged(orders(system), givesUp) })
	result := load.Wait()
	acceptedAll(t, result)
	system.Broker.Thaw()
	system.Audit(payers, result.Accepted)
	demandNoRestart(t, system)
}

// A broker in alarm takes no message. Orders are accepted, and settle when it is well.
func TestOrdersAreAcceptedWhileTheBrokerIsInAlarm(t *testing.T) {
	for _, alarm := range []struct{ name, setting, raise, clear string }{
		// To clear is to set the broker's own default.
		{"memory", "set_vm_memory_high_watermark", "0.000001", "0.4"},
		{"disk", "set_disk_free_limit", "1000000GB", "50MB"},
	} {
		t.Run(alarm.name, func(t *testing.T) {
			system := rig.Start(t, rig.Options{})
			payers, load := startTimedLoad(system, perSecond, shortOrLong(4, 60))
			awaitApplied(t, payments(system))
			clear := sync.OnceFunc(func() { system.Broker.Control(alarm.setting, alarm.clear) })
			t.Cleanup(clear)
			system.Broker.Control(alarm.setting, alarm.raise)
			await(t, "the alarm", func(context.Context) error { return logged(orders(system), "broker in alarm: takes no messages") })
			result := load.Wait()
			acceptedAll(t, result)
			clear()
			system.Audit(payers, result.Accepted)
			demandNoRestart(t, system)
		})
	}
}

// relayHoldsRows fails unless a transaction of the service waits for the broker.
func relayHoldsRows(ctx context.Context, database *pgx.Conn) error {
	var holds bool
	err := database.QueryRow(ctx, `
		SELECT count(*) > 0 FROM pg_stat_activity
		 WHERE usename = 'orders_service' AND state = 'idle in transaction' AND query LIKE '%FROM outbox%'`).Scan(&holds)
	if err == nil && !holds {
		err = errors.New("no row of the outbox is claimed")
	}
	return err
}

// appendMuch puts into the outbox of orders what no connection's buffers hold: the request of
// an order that is there, again and again, with a long field that no consumer knows.
func appendMuch(t *testing.T, order support.Order) {
	t.Helper()
	const events, unknownField, bytesEach = 100, 1000, 200_000
	payload, err := proto.Marshal(&eventsv1.PaymentRequested{OrderId: order.ID, UserId: order.UserID, Amount: order.Amount})
	if err != nil {
		t.Fatal(err)
	}
	payload = protowire.AppendTag(payload, unknownField, protowire.BytesType)
	payload = protowire.AppendBytes(payload, make([]byte, bytesEach))
	if _, err := superuser(t, "orders").Exec(t.Context(), `
		INSERT INTO outbox (event_id, type, correlation_id, partition_key, payload, trace)
		SELECT gen_random_uuid(), $1, $2, $3, $4, '' FROM generate_series(1, $5)`,
		requestRoute.key, order.ID, order.UserID, payload, events); err != nil {
		t.Fatal(err)
	}
}

func demandNoRestart(t *testing.T, system *rig.System) {
	t.Helper()
	for _, each := range []*rig.Copy{orders(system), payments(system)} {
		if starts := each.Starts(); starts != 1 || each.PID() == 0 {
			t.Errorf("%s: %d starts", each.Name(), starts)
		}
	}
}

func logged(service *rig.Copy, text string) error {
	if !strings.Contains(service.Log(), text) {
		return fmt.Errorf("%s has not logged %q", service.Name(), text)
	}
	return nil
}
