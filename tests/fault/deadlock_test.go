package fault

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orderspayments/tests/fault/rig"
)

// Row 43. Copies of payments-service clean the inbox while they charge.
func TestTheInboxIsCleanedUnderLoad(t *testing.T) {
	old := shortOrLong(50_000, 1_000_000)
	system := rig.Start(t, rig.Options{Payments: rig.Setup{
		Copies: 2, Env: rig.Env{"INBOX_CLEAN_INTERVAL_MS": "1000", "INBOX_CLEAN_PAUSE_MS": "20"},
	}})
	before := deadlocks(t, "payments")
	payers, load := startLoad(t, system, 1)
	database := superuser(t, "payments")
	_, err := database.Exec(t.Context(), `
		INSERT INTO inbox (event_id, partition_key, receive_time)
		SELECT gen_random_uuid(), 'old', now() - interval '2 days' FROM generate_series(1, $1)`, old)
	if err != nil {
		t.Fatal(err)
	}
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
	if after := deadlocks(t, "payments"); after != before {
		t.Errorf("%d deadlocks", after-before)
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
