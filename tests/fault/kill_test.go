package fault

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Row 22.
func TestPaymentsKilledWithDeliveriesInHandChargesOnce(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	payments := payments(system)
	payers, load := startLoad(t, system, 1)
	for range shortOrLong(20, 200) {
		awaitApplied(t, payments)
		payments.Kill()
		payments.Start()
	}
	payments.AwaitHealthy()
	load.Stop()
	system.Audit(payers, load.Wait().Accepted)
}

// Row 3. The callers ask again, under the same key, until they are told.
func TestGatewayKilledInMidCallLosesAndDoublesNoOrder(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	orders := orders(system)
	payers := system.NewPayers(callers, 5*price)
	stopped := make(chan struct{})
	stop := sync.OnceFunc(func() { close(stopped) })
	made := make([][]support.Order, callers)
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	for i, user := range payers.IDs {
		group.Go(func() { made[i] = placeOrdersUntil(t, stopped, orders.URL, user) })
	}
	for range shortOrLong(10, 50) {
		before := orders.Metric("rpc_calls_total")
		await(t, "a call", func(context.Context) error { return above(before, orders.Metric("rpc_calls_total")) })
		orders.Gateway.Kill()
		orders.Gateway.Start()
	}
	stop()
	group.Wait()
	all := slices.Concat(made...)
	ends := system.Audit(payers, all)
	if ends["FINISHED"]+ends["CANCELLED"] != len(all) {
		t.Errorf("%d orders were asked for, there are %v", len(all), ends)
	}
}

const callers = 8

// placeOrdersUntil stopped makes one order after the other, each under a key of its own.
func placeOrdersUntil(t *testing.T, stopped <-chan struct{}, gateway, user string) (made []support.Order) {
	for {
		select {
		case <-stopped:
			return made
		default:
		}
		key := rand.Text()
		err := support.Within(t.Context(), noticeTimeout, func(ctx context.Context) error {
			told, err := ask(ctx, http.MethodPost, gateway+"/orders", user, "Idempotency-Key", key)
			if err == nil && told.status != http.StatusCreated {
				err = fmt.Errorf("status %d", told.status)
			}
			if err == nil {
				made = append(made, support.Order{ID: told.body.ID, UserID: user, Amount: price, Status: "NEW"})
			}
			return err
		})
		if err != nil {
			t.Errorf("order %s of %s: %v", key, user, err)
			return made
		}
	}
}
