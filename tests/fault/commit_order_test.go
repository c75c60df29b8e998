package fault

import (
	"context"
	"errors"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// lateCommit is for longer than a relay takes from one reading of the outbox to the next, and
// shorter than a statement is given, 3 s.
const lateCommit = 2500 * time.Millisecond

// Row 21. The event with the lower id commits after the one with the higher id was published, by
// a relay that finds both in the outbox.
func TestAnEventThatCommitsLateIsNotSkipped(t *testing.T) {
	system := rig.Prepare(t, rig.Options{Orders: rig.Setup{Copies: 3}})
	late, prompt, relay := system.Orders.Copies[0], system.Orders.Copies[1], system.Orders.Copies[2]
	late.Set("ROLES", "api")
	prompt.Set("ROLES", "api")
	relay.Set("ROLES", "relay,consumer")
	system.Start()
	payers := system.NewPayers(2, 2*price)
	user, other := payers.IDs[0], payers.IDs[1]
	dawdle(t, user, lateCommit)

	first := make(chan support.Order)
	go func() {
		order, err := support.PostOrder(t.Context(), late.URL, user, price)
		if err != nil {
			t.Error(err)
		}
		first <- order
	}()
	awaitDawdling(t)
	second, err := support.PostOrder(t.Context(), prompt.URL, other, price)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the second order to settle", func(ctx context.Context) error {
		order, err := support.GetOrder(ctx, prompt.URL, other, second.ID)
		if err == nil && order.Status == "NEW" {
			err = errors.New("it is NEW")
		}
		return err
	})
	select {
	case order := <-first:
		t.Fatalf("%v was answered before the second one settled", order)
	default:
	}
	committed := <-first
	if committed.ID >= second.ID {
		t.Errorf("the late order %s has not the lower id, %s has", committed.ID, second.ID)
	}
	system.Audit(payers, []support.Order{committed, second})
}
