package fault

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
)

// Row 43. Copies of payments-service clean the inbox while they charge.
func TestTheInboxIsCleanedUnderLoad(t *testing.T) {
	old := shortOrLong(50_000, 1_000_000)
	system := rig.Start(t, rig.Options{Payments: rig.Setup{
		Copies: 2, Env: rig.Env{"INBOX_CLEAN_INTERVAL_MS": "1000", "INBOX_CLEAN_PAUSE_MS": "20"},
	}})
	before := deadlocks(t, "payments")
	database := superuser(t, "payments")
	payers, load := startLoad(t, system, 1)
	awaitSettledSome(t, payers, shortOrLong(perSecond, 30*perSecond))
	_, err := database.Exec(t.Context(), `
		INSERT INTO inbox (event_id, partition_key, receive_time)
		SELECT gen_random_uuid(), 'old', now() - interval '2 days' FROM generate_series(1, $1)`, old)
	if err != nil {
		t.Fatal(err)
	}
	full := time.Now()
	awaitWithin(t, loadTimeMax, "an inbox without old events", func(ctx context.Context) error {
		var left bool
		err := database.QueryRow(ctx, `SELECT EXISTS (SELECT FROM inbox WHERE receive_time < now() - interval '1 day')`).Scan(&left)
		if err == nil && left {
			err = fmt.Errorf("old events are left")
		}
		return err
	})
	load.Stop()
	result := load.Wait()
	acceptedAll(t, result)
	system.Audit(payers, result.Accepted)
	logSettleTimes(t, payers, full)
	if after := deadlocks(t, "payments"); after != before {
		t.Errorf("%d deadlocks", after-before)
	}
}

func awaitSettledSome(t *testing.T, payers rig.Payers, least int) {
	t.Helper()
	orders := superuser(t, "orders")
	awaitWithin(t, loadTimeMax, "orders settled", func(ctx context.Context) error {
		var settled int
		err := orders.QueryRow(ctx, `
			SELECT count(*) FROM orders WHERE user_id = ANY ($1) AND status <> 'NEW'`, payers.IDs).Scan(&settled)
		if err != nil {
			return err
		}
		return above(float64(least-1), float64(settled))
	})
}

// logSettleTimes tells how fast orders settled before the moment, and from then on: no test
// fails by it, for the machine may be busy.
func logSettleTimes(t *testing.T, payers rig.Payers, moment time.Time) {
	t.Helper()
	var before, after *float64
	err := superuser(t, "orders").QueryRow(t.Context(), `
		SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY lag) FILTER (WHERE create_time < $2),
		       percentile_cont(0.99) WITHIN GROUP (ORDER BY lag) FILTER (WHERE create_time >= $2)
		  FROM (SELECT create_time, 1000 * extract(epoch FROM update_time - create_time)::float8 AS lag
		          FROM orders WHERE user_id = ANY ($1)) AS settled`, payers.IDs, moment).Scan(&before, &after)
	if err != nil {
		t.Fatal(err)
	}
	if before != nil && after != nil {
		t.Logf("99 of 100 orders settled within %.0f ms, within %.0f ms while the inbox was cleaned", *before, *after)
	}
}

// deadlocks counts those that the database has resolved so far.
func deadlocks(t *testing.T, name string) int {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(os.Getenv("LOCAL_DIR"), "logs", "postgres-"+name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(log), "deadlock detected")
}
