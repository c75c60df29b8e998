package fault

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// dawdle has the database of orders take so long for each event of this user, with the order and
// its event written and not committed, until it is lifted.
func dawdle(t *testing.T, user string, lasting time.Duration) (lift func()) {
	t.Helper()
	connection := superuser(t, "orders")
	exec := func(statements string) {
		// Also when the test is over.
		if _, err := connection.Exec(context.WithoutCancel(t.Context()), statements); err != nil {
			t.Error(err)
		}
	}
	// A user's id needs no quoting, see the CHECK of orders.
	exec(fmt.Sprintf(`
		CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN PERFORM pg_sleep(%f); RETURN NULL; END $$;
		CREATE TRIGGER dawdle AFTER INSERT ON outbox
			FOR EACH ROW WHEN (NEW.partition_key = '%s') EXECUTE FUNCTION dawdle()`, lasting.Seconds(), user))
	lift = func() { exec(`DROP FUNCTION IF EXISTS dawdle CASCADE`) }
	t.Cleanup(lift)
	return lift
}

// awaitDawdling waits until the database is at it, or is not.
func awaitDawdling(t *testing.T, want bool) {
	t.Helper()
	connection := superuser(t, "orders")
	await(t, fmt.Sprintf("an event being stored: %v", want), func(ctx context.Context) error {
		var dawdles bool
		err := connection.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')`).Scan(&dawdles)
		if err == nil && dawdles != want {
			err = fmt.Errorf("it is %v", dawdles)
		}
		return err
	})
}
