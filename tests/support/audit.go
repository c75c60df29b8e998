package support

import (
	"context"
	"os"

	"github.com/jackc/pgx/v5"

	"orderspayments/deploy/operator/audit"
)

// Audit looks into both databases and the broker: whether what was promised to users holds,
// for them and for all others.
type Audit struct {
	system *audit.Audit
	users  []string
	paidIn int64
}

// OpenAudit is for users whose only top-ups are one of paidIn each. The caller closes it.
func OpenAudit(ctx context.Context, users []string, paidIn int64) (*Audit, error) {
	system, err := audit.Open(ctx, audit.SourcesOf(os.Getenv))
	if err != nil {
		return nil, err
	}
	return &Audit{system, users, paidIn}, nil
}

// Close ends the connections.
func (a *Audit) Close(context.Context) error {
	a.system.Close()
	return nil
}

// Quiet is nil when all orders are settled and no event waits anywhere.
func (a *Audit) Quiet(ctx context.Context) error { return a.system.Quiet(ctx) }

// Ends counts the users' orders by status.
func (a *Audit) Ends(ctx context.Context) (map[string]int, error) {
	connection, err := pgx.Connect(ctx, databaseURL("orders"))
	if err != nil {
		return nil, err
	}
	defer connection.Close(ctx)
	rows, err := connection.Query(ctx, `SELECT status FROM orders WHERE user_id = ANY(@users)`, pgx.NamedArgs{"users": a.users})
	if err != nil {
		return nil, err
	}
	statuses, err := pgx.CollectRows(rows, pgx.RowTo[string])
	ends := map[string]int{}
	for _, status := range statuses {
		ends[status]++
	}
	return ends, err
}

// Check tells every promise that is broken; the system must be quiet. An order may exist
// that its maker was not told of, because the answer was lost.
func (a *Audit) Check(ctx context.Context, accepted []Order) error {
	paidIn := make(map[string]int64, len(a.users))
	for _, user := range a.users {
		paidIn[user] = a.paidIn
	}
	certificate, err := a.system.Check(ctx, audit.Expectation{Acknowledged: accepted, PaidIn: paidIn})
	if err != nil {
		return err
	}
	return certificate.Err()
}
