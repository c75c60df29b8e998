// Package audit certifies that a running system keeps its books: every promise about orders
// and money is checked over both databases and the broker's queues, and only read.
//
// Each database is read in one snapshot, but the two are not taken at the same instant, and
// orders are on their way between them. What is on its way is counted as such, never as
// broken:
//
//   - The payments database is read first. An order commits before its decision, so every
//     decision that was seen must find its order in the later snapshot.
//   - An order settles after its decision, so one that is settled in the later snapshot may
//     have been decided after the earlier. The payments database is asked for those once
//     more, and there is no excuse for a decision that is missing then.
//   - A decided order that is still NEW awaits its result. Rows never change otherwise: a
//     decision is final, and so is a settled order.
//
// Nothing is judged on what could not be read: that is an error, and never a certificate.
// The databases must be primaries, for a replica may lag behind.
package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Order is what its maker was told of it, as the REST API writes it.
type Order struct {
	ID     string `json:"id"`
	UserID string `json:"user_id"`
	Amount int64  `json:"amount"`
	Status string `json:"status"`
}

// Expectation is what the caller knows from outside; the zero value knows nothing.
type Expectation struct {
	// Acknowledged are the orders that were answered with 201, each as it was last seen:
	// one seen settled must still be so.
	Acknowledged []Order
	// PaidIn is what these users paid in, all in all.
	PaidIn map[string]int64
	// Poison counts the letters that the caller itself brought into a dead-letter queue.
	Poison map[string]int64
	// SettleWithin is how long an order may be NEW and an event may wait. 0 is for a system
	// that has come to rest: nothing may be on its way.
	SettleWithin time.Duration
}

// Audit looks at one system. It reconnects by itself to what was away.
type Audit struct {
	orders, payments *pgxpool.Pool
	broker           string
}

// Open connects to nothing yet. The caller closes it.
func Open(ctx context.Context, sources Sources) (*Audit, error) {
	orders, err := readOnlyPool(ctx, sources.OrdersDatabase)
	if err != nil {
		return nil, err
	}
	payments, err := readOnlyPool(ctx, sources.PaymentsDatabase)
	if err != nil {
		orders.Close()
		return nil, err
	}
	return &Audit{orders, payments, sources.Broker}, nil
}

// Close ends the connections.
func (a *Audit) Close() {
	a.orders.Close()
	a.payments.Close()
}

// Quiet is nil when all orders are settled and no event waits in an outbox: the system is at
// rest until somebody wants something of it.
func (a *Audit) Quiet(ctx context.Context) error {
	var unsettled, requests, answers int64
	err := errors.Join(
		a.orders.QueryRow(ctx, `SELECT (SELECT count(*) FROM orders WHERE status = 'NEW'), (SELECT count(*) FROM outbox)`).Scan(&unsettled, &requests),
		a.payments.QueryRow(ctx, `SELECT count(*) FROM outbox`).Scan(&answers),
	)
	if err == nil && unsettled+requests+answers > 0 {
		err = fmt.Errorf("%d orders are not settled, %d and %d events wait in the outboxes of orders and payments", unsettled, requests, answers)
	}
	return err
}

// Check reads everything once. An error means that not all could be read.
func (a *Audit) Check(ctx context.Context, expected Expectation) (*Certificate, error) {
	payments, err := snapshot(ctx, a.payments)
	if err != nil {
		return nil, fmt.Errorf("payments database: %w", err)
	}
	defer payments.Rollback(ctx)
	orders, err := snapshot(ctx, a.orders)
	if err != nil {
		return nil, fmt.Errorf("orders database: %w", err)
	}
	defer orders.Rollback(ctx)

	certificate := &Certificate{}
	if err := a.compare(ctx, orders, payments, expected, certificate); err != nil {
		return nil, fmt.Errorf("orders and decisions: %w", err)
	}
	if err := checkLedger(ctx, payments, expected, certificate); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	if err := checkOutbox(ctx, "orders", orders, expected, certificate); err != nil {
		return nil, fmt.Errorf("outbox of orders: %w", err)
	}
	if err := checkOutbox(ctx, "payments", payments, expected, certificate); err != nil {
		return nil, fmt.Errorf("outbox of payments: %w", err)
	}
	if err := checkQueues(ctx, a.broker, expected, certificate); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	certificate.sort()
	return certificate, nil
}

// readOnlyPool refuses to write even where its role may.
func readOnlyPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	parameters := config.ConnConfig.RuntimeParams
	parameters["application_name"] = "audit"
	parameters["default_transaction_read_only"] = "on"
	// For the sorts and joins of whole tables; what is larger goes to disk.
	parameters["work_mem"] = "64MB"
	return pgxpool.NewWithConfig(ctx, config)
}

// snapshot is taken when this returns.
func snapshot(ctx context.Context, pool *pgxpool.Pool) (pgx.Tx, error) {
	transaction, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	// Not BEGIN but the first statement takes it.
	if _, err := transaction.Exec(ctx, `SELECT 1`); err != nil {
		return nil, errors.Join(err, transaction.Rollback(ctx))
	}
	return transaction, nil
}
