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
	// What an earlier run that was killed has left goes as well.
	const drop = `DROP FUNCTION IF EXISTS dawdle CASCADE;`
	// A user's id needs no quoting, see the CHECK of orders.
	if _, err := connection.Exec(t.Context(), fmt.Sprintf(drop+`
		CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN PERFORM pg_sleep(%f); RETURN NULL; END $$;
		CREATE TRIGGER dawdle AFTER INSERT ON outbox
			FOR EACH ROW WHEN (NEW.partition_key = '%s') EXECUTE FUNCTION dawdle()`, lasting.Seconds(), user)); err != nil {
		t.Fatal(err)
	}
	lift = func() {
		// Also when the test is over.
		if _, err := connection.Exec(context.WithoutCancel(t.Context()), drop); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(lift)
	return lift
}

// awaitDawdling waits until the database is at it.
func awaitDawdling(t *testing.T) {
	t.Helper()
	awaitOrdersBackends(t, "an event being stored", `wait_event = 'PgSleep'`, true)
}

// awaitAllCommitted waits until nothing that orders-service has written is under way.
func awaitAllCommitted(t *testing.T) {
	t.Helper()
	awaitOrdersBackends(t, "the end of all that is written", `backend_xid IS NOT NULL`, false)
}

func awaitOrdersBackends(t *testing.T, what, condition string, want bool) {
	t.Helper()
	connection := superuser(t, "orders")
	await(t, what, func(ctx context.Context) error {
		var some bool
		err := connection.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'orders_service' AND `+condition+`)`).Scan(&some)
		if err == nil && some != want {
			err = fmt.Errorf("%s: %v", condition, some)
		}
		return err
	})
}
