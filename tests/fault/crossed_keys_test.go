package fault

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Row 47. Two copies of orders-service are given the same keys in crossed order, at once.
func TestCrossedKeysMakeOneOrderEachAndNoDeadlock(t *testing.T) {
	const keysPerRound = 8
	rounds := shortOrLong(50, 1000)
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Copies: 2}})
	payers := system.NewPayers(1, int64(rounds*keysPerRound*price))
	before := deadlocks(t, "orders")
	var made []support.Order
	for round := range rounds {
		keys := make([]string, keysPerRound)
		for i := range keys {
			keys[i] = fmt.Sprintf("crossed-%d-%d", round, i)
		}
		reversed := slices.Clone(keys)
		slices.Reverse(reversed)
		var one, other []support.Order
		var both sync.WaitGroup
		both.Go(func() { one = orderEach(t, system.Orders.Copies[0].URL, payers.IDs[0], keys) })
		both.Go(func() { other = orderEach(t, system.Orders.Copies[1].URL, payers.IDs[0], reversed) })
		both.Wait()
		slices.Reverse(other)
		if !slices.Equal(one, other) {
			t.Fatalf("round %d: one copy answers %v, the other %v", round, one, other)
		}
		made = append(made, one...)
	}
	if ends := system.Audit(payers, made); ends["FINISHED"] != rounds*keysPerRound {
		t.Errorf("%v for %d keys", ends, rounds*keysPerRound)
	}
	if after := deadlocks(t, "orders"); after != before {
		t.Errorf("%d deadlocks", after-before)
	}
}

// orderEach makes an order with each key at the same time, sent in the order of the keys, again
// for as long as its twin is under way.
func orderEach(t *testing.T, gateway, user string, keys []string) []support.Order {
	orders := make([]support.Order, len(keys))
	var group sync.WaitGroup
	for i, key := range keys {
		group.Go(func() {
			err := support.Within(t.Context(), noticeTimeout, func(ctx context.Context) error {
				found, err := ask(ctx, http.MethodPost, gateway+"/orders", user, "Idempotency-Key", key)
				if err != nil {
					return err
				}
				orders[i] = support.Order{ID: found.body.ID, UserID: user, Amount: price, Status: "NEW"}
				switch found.status {
				case http.StatusCreated:
					return nil
				case http.StatusConflict, http.StatusServiceUnavailable:
				default:
					t.Errorf("%s: %v", key, found)
				}
				return fmt.Errorf("%s: %v", key, found)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	return orders
}
