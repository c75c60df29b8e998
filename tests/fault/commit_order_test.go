package fault

import (
	"context"
	"errors"
	"testing"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// lateCommitMS holds a transaction open for longer than a woken relay looks back, 2 s, and
// shorter than its commit is given, 3 s.
const lateCommitMS = "2500"

// Row 21. The event with the lower id commits after the one with the higher id was published.
func TestAnEventThatCommitsLateIsNotSkipped(t *testing.T) {
	system := rig.Prepare(t, rig.Options{Orders: rig.Setup{Copies: 2}})
	late, prompt := system.Orders.Copies[0], system.Orders.Copies[1]
	late.Set("FAILPOINTS", "create_before_commit=delay:"+lateCommitMS)
	system.Start()
	payers := system.NewPayers(1, 2*price)
	user := payers.IDs[0]

	first := make(chan support.Order)
	go func() {
		order, err := support.PostOrder(t.Context(), late.URL, user, price)
		if err != nil {
			t.Error(err)
		}
		first <- order
	}()
	awaitOpenTransaction(t, "orders")
	second, err := support.PostOrder(t.Context(), prompt.URL, user, price)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the second order to settle", func(ctx context.Context) error {
		order, err := support.GetOrder(ctx, prompt.URL, user, second.ID)
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

// awaitOpenTransaction waits until the service has one open that does nothing, and not only
// for the moment between two statements.
func awaitOpenTransaction(t *testing.T, name string) {
	t.Helper()
	connection := superuser(t, name)
	await(t, "an open transaction", func(ctx context.Context) error {
		var open int
		err := connection.QueryRow(ctx, `
			SELECT count(*) FROM pg_stat_activity
			 WHERE usename = $1 AND state = 'idle in transaction' AND state_change < now() - interval '200 ms'`,
			name+"_service").Scan(&open)
		if err != nil {
			return err
		}
		return above(0, float64(open))
	})
}
