package fault

import (
	"context"
	"fmt"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

const (
	price        = 7
	perSecond    = 100
	payers       = 20
	loadTimeMax  = 10 * time.Minute
	aliveTimeout = 20 * time.Second
)

// Row 22.
func TestPaymentsKilledWithDeliveriesInHandChargesOnce(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	payers := system.NewPayers(payers, moneyForHalf(10))
	load := system.StartLoad(rig.Load{Payers: payers, Amount: price, PerSecond: perSecond, Duration: loadTimeMax})
	payments := system.Payments.Copies[0]
	for range shortOrLong(20, 200) {
		awaitApplied(t, payments)
		payments.Kill()
		payments.Start()
	}
	payments.AwaitHealthy()
	load.Stop()
	system.Audit(payers, load.Wait().Accepted)
}

// Row 3.
func TestGatewayKilledInMidCallLosesNoOrder(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	payers := system.NewPayers(payers, moneyForHalf(10))
	load := system.StartLoad(rig.Load{Payers: payers, Amount: price, PerSecond: perSecond, Duration: loadTimeMax})
	orders := system.Orders.Copies[0]
	for range shortOrLong(10, 50) {
		before := orders.Metric("rpc_calls_total")
		await(t, "a call", func(ctx context.Context) error { return above(before, orders.Metric("rpc_calls_total")) })
		orders.Gateway.Kill()
		orders.Gateway.Start()
	}
	orders.AwaitHealthy()
	load.Stop()
	system.Audit(payers, load.Wait().Accepted)
}

// moneyForHalf is what each payer needs so that of the orders of so many seconds half are
// paid and half are declined.
func moneyForHalf(seconds int) int64 { return int64(price * perSecond * seconds / payers / 2) }

// awaitApplied waits until the copy, in this life, has applied an event.
func awaitApplied(t *testing.T, service *rig.Copy) {
	t.Helper()
	await(t, "an event applied", func(ctx context.Context) error {
		applied, err := service.ScrapeMetric(ctx, "inbox_events_applied_total")
		if err != nil {
			return err
		}
		return above(0, applied)
	})
}

func await(t *testing.T, what string, ask func(context.Context) error) {
	t.Helper()
	if err := support.Within(t.Context(), aliveTimeout, ask); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func above(least, value float64) error {
	if value <= least {
		return fmt.Errorf("%v, not above %v", value, least)
	}
	return nil
}
