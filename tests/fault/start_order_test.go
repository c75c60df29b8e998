package fault

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

const stayInterval = 50 * time.Millisecond

// Row 41. What a part needs is not there yet; it waits for it, and then works.
func TestPartsStartInAnyOrder(t *testing.T) {
	parts := []string{"orders", "payments", "broker", "databases"}
	starts := [][]string{parts, {"broker", "payments", "databases", "orders"}}
	alone := time.Second
	if long {
		starts, alone = permutations(parts), 10*time.Second
	}
	for _, order := range starts {
		t.Run(strings.Join(order, ","), func(t *testing.T) { startInOrder(t, order, alone) })
	}
}

// startInOrder starts each part when those before it have been there for so long.
func startInOrder(t *testing.T, order []string, alone time.Duration) {
	system := rig.Prepare(t, rig.Options{})
	system.OrdersDatabase.Stop()
	system.PaymentsDatabase.Stop()
	if order[0] != "broker" {
		system.Broker.Stop()
	}
	var started []*rig.Copy
	for _, part := range order {
		switch part {
		case "orders":
			system.Orders.Start()
			started = append(started, system.Orders.Copies...)
		case "payments":
			system.Payments.Start()
			started = append(started, system.Payments.Copies...)
		case "broker":
			system.Broker.Start()
		case "databases":
			system.OrdersDatabase.Start()
			system.PaymentsDatabase.Start()
		}
		staysAlive(t, started, alone)
	}
	system.AwaitHealthy()
	payer := system.NewPayers(1, price)
	placed := system.PlaceOrders(payer.IDs[0], price, price)
	demandEnds(t, system.Audit(payer, placed), 1, 1)
}

// staysAlive demands that the gateways answer and no service ends, for so long.
func staysAlive(t *testing.T, started []*rig.Copy, how time.Duration) {
	t.Helper()
	for _, each := range started {
		await(t, "the gateway", func(ctx context.Context) error { return support.Live(ctx, each.URL) })
	}
	for end := time.Now().Add(how); time.Now().Before(end); {
		for _, each := range started {
			if err := support.Live(t.Context(), each.URL); err != nil || each.PID() == 0 {
				t.Fatalf("does not wait: process %d, /live: %v", each.PID(), err)
			}
		}
		<-time.After(stayInterval)
	}
}

func permutations(parts []string) (all [][]string) {
	if len(parts) == 0 {
		return [][]string{nil}
	}
	for i, first := range parts {
		for _, rest := range permutations(slices.Concat(parts[:i], parts[i+1:])) {
			all = append(all, append([]string{first}, rest...))
		}
	}
	return all
}
