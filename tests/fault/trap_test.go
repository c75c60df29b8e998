package fault

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
)

// trap catches payments-service whenever it is about to write its decision on an order of one
// user: there it waits, for up to its lock_timeout.
type trap struct {
	t          *testing.T
	connection *pgx.Conn
}

const trapLock = 4711

func setTrap(t *testing.T, user string) *trap {
	t.Helper()
	set := &trap{t, superuser(t, "payments")}
	// A user's id needs no quoting, see the CHECK of accounts.
	set.exec(fmt.Sprintf(`
		CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN PERFORM pg_advisory_xact_lock(%[2]d); RETURN NEW; END $$;
		CREATE TRIGGER trap BEFORE INSERT ON payment_transactions
			FOR EACH ROW WHEN (NEW.user_id = '%[1]s') EXECUTE FUNCTION trap();
		SELECT pg_advisory_lock(%[2]d)`, user, trapLock))
	t.Cleanup(set.lift)
	return set
}

// awaitCaught waits until the service is in the trap, and gives the backend that waits there.
func (s *trap) awaitCaught() (backend int) {
	s.t.Helper()
	await(s.t, "the trap to spring", func(ctx context.Context) error {
		return s.connection.QueryRow(ctx, `
			SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`, trapLock).Scan(&backend)
	})
	return backend
}

// bury ends the backend of a client that died in the trap: it would not notice for a second,
// and keep its locks.
func (s *trap) bury(backend int) {
	s.exec(fmt.Sprintf(`SELECT pg_terminate_backend(%d, 5000)`, backend))
}

// lift takes the trap away.
func (s *trap) lift() {
	s.exec(`SELECT pg_advisory_unlock_all(); DROP FUNCTION IF EXISTS trap CASCADE`)
}

func (s *trap) exec(statements string) {
	s.t.Helper()
	// Also when the test is over.
	if _, err := s.connection.Exec(context.WithoutCancel(s.t.Context()), statements); err != nil {
		s.t.Error(err)
	}
}
