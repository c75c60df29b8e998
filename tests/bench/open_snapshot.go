package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"orderspayments/tests/bench/report"
)

// openSnapshot is row 13: row 2's rate while a snapshot of each database is held open, so that
// no row which dies meanwhile can be cleaned away.
func (b *bench) openSnapshot(ctx context.Context, figures report.Figures) (err error) {
	for _, server := range []string{"orders", "payments"} {
		connection, connectErr := pgx.Connect(ctx, b.superuserURL(server, server))
		if connectErr != nil {
			return connectErr
		}
		defer func() { err = errors.Join(err, connection.Close(context.WithoutCancel(ctx))) }()
		transaction, beginErr := connection.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if beginErr != nil {
			return beginErr
		}
		// Not BEGIN but the first statement takes it.
		if _, err := transaction.Exec(ctx, `SELECT FROM outbox LIMIT 1`); err != nil {
			return err
		}
	}
	trial, err := b.try(ctx, load{perSecond: b.rate, lasting: b.snapshot, users: b.users})
	if err != nil {
		return err
	}
	trial.reportRate(figures, snapshotPerSecond, snapshotHolds)
	b.say("  %v", trial)
	return nil
}
