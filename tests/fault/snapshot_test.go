package fault

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// settledRateMin is what is left of the rate while dead rows pile up; a machine that others
// use, too, measures only roughly in the short time.
var settledRateMin = shortOrLong(0.5, 0.9)

// Row 49. A snapshot as old as a long pg_dump keeps all dead rows of both outboxes: claims must
// not have to read them.
func TestAnOldSnapshotDoesNotSlowDownSettling(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	payer := system.NewPayers(1, price)
	var placed []support.Order
	settle := func() float64 {
		return settledPerSecond(t, system, payer, &placed)
	}
	rounds := shortOrLong(2, 10)
	free := bestOf(rounds, settle)
	holdSnapshot(t, "orders")
	holdSnapshot(t, "payments")
	bestOf(rounds, settle) // leaves dead rows
	held := bestOf(rounds, settle)
	t.Logf("%.0f orders settled per second, %.0f beside an old snapshot", free, held)
	if held < settledRateMin*free {
		t.Error("the old snapshot slows settling down")
	}
	system.Audit(payer, placed)
}

func settledPerSecond(t *testing.T, system *rig.System, payer rig.Payers, placed *[]support.Order) float64 {
	t.Helper()
	count := shortOrLong(1_000, 4_000)
	start := time.Now()
	*placed = append(*placed, system.PlaceOrders(payer.IDs[0], slices.Repeat([]int64{price}, count)...)...)
	awaitSettled(t, payer)
	return float64(count) / time.Since(start).Seconds()
}

func bestOf(rounds int, measure func() float64) float64 {
	best := 0.0
	for range rounds {
		best = max(best, measure())
	}
	return best
}

// holdSnapshot keeps one open until the test's end.
func holdSnapshot(t *testing.T, name string) {
	t.Helper()
	snapshot, err := superuser(t, name).BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Exec(t.Context(), `SELECT count(*) FROM outbox`); err != nil {
		t.Fatal(err)
	}
}
