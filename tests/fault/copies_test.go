package fault

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
)

// rivals are several copies of payments-service which each take few deliveries at a time, so
// that they meet at the same orders and accounts.
var rivals = rig.Options{
	Orders: rig.Setup{Env: rig.Env{eachAlone: "1"}},
	Payments: rig.Setup{
		Copies: 4,
		Env:    rig.Env{"CONSUMER_PREFETCH": "10", "CONSUMER_BATCH_ROWS_MAX": "5"},
	},
}

// Row 10.
func TestCopiesOfAServicePublishAndApplyEachEventOnce(t *testing.T) {
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Copies: 3}, Payments: rig.Setup{Copies: 2}})
	payers := system.NewPayers(users, 50*price)
	load := system.StartLoad(rig.Load{
		Payers: payers, Amount: price, PerSecond: shortOrLong(300, 200), Duration: shortOrLong(4*time.Second, time.Minute),
	})
	accepted := load.Wait().Accepted
	system.Audit(payers, accepted)
	for name, service := range map[string]*rig.Service{"orders": system.Orders, "payments": system.Payments} {
		for _, counter := range []string{"outbox_events_confirmed_total", "inbox_events_applied_total"} {
			if count := int(service.Metric(counter)); count != len(accepted) {
				t.Errorf("%s: %s is %d for %d orders", name, counter, count, len(accepted))
			}
			for number, each := range service.Copies {
				if each.Metric(counter) == 0 {
					t.Errorf("%s: %s is 0 in copy %d, which had no part in it", name, counter, number+1)
				}
			}
		}
	}
}

// Row 25.
func TestTheSameRequestDeliveredInParallelIsDecidedOnce(t *testing.T) {
	const (
		orders, paid       = 120, 50
		clients, perClient = 4, 150
	)
	system := rig.Start(t, rivals)
	payer := system.NewPayers(1, paid*price)
	system.Payments.Kill()
	placed := system.PlaceOrders(payer.IDs[0], slices.Repeat([]int64{price}, orders)...)
	again := slices.Repeat(placed, 2)[:perClient]
	var group sync.WaitGroup
	for range clients {
		group.Go(func() { requestPayments(t, again) })
	}
	group.Wait()
	system.Payments.Start()
	awaitAppliedInAll(t, system.Payments, orders+clients*perClient)
	demandEnds(t, system.Audit(payer, placed), paid, orders-paid)
}

// Row 26.
func TestOrdersThatRaceForTheLastMoneyArePaidWhileItLasts(t *testing.T) {
	const amount, orders, money = 100, 200, 5000
	system := rig.Start(t, rivals)
	payer := system.NewPayers(1, money)
	placed := system.PlaceOrders(payer.IDs[0], slices.Repeat([]int64{amount}, orders)...)
	demandEnds(t, system.Audit(payer, placed), money/amount, orders-money/amount)
}

func demandEnds(t *testing.T, ends map[string]int, finished, cancelled int) {
	t.Helper()
	if ends["FINISHED"] != finished || ends["CANCELLED"] != cancelled {
		t.Errorf("ended as %v, not %d FINISHED and %d CANCELLED", ends, finished, cancelled)
	}
}

// awaitAppliedInAll waits until the copies have together applied so many events.
func awaitAppliedInAll(t *testing.T, service *rig.Service, events int) {
	t.Helper()
	await(t, "events applied", func(ctx context.Context) error {
		applied, err := service.ScrapeMetric(ctx, "inbox_events_applied_total")
		if err != nil {
			return err
		}
		return above(float64(events)-1, applied)
	})
}
