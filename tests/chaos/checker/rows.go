package checker

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Rows are what both databases hold of the users of a run.
type Rows struct {
	Orders    []Order
	Decisions []Decision
	Accounts  []Account
	Entries   []Entry
}

// Order is a row of orders.
type Order struct {
	ID, User     string
	Amount       int64
	Description  string
	Status       string
	CancelReason string
	Key          string
	Created      time.Time
	Updated      time.Time
	Swept        bool // its payment was requested again
}

// Decision is a row of payment_transactions.
type Decision struct {
	OrderID, User string
	Amount        int64
	Outcome       string
	DeclineReason string
}

// Account is a row of accounts.
type Account struct {
	User    string
	Created time.Time
}

// Entry is a row of ledger_entries.
type Entry struct {
	ID, User     string
	Number       int64
	Kind         string
	Amount       int64
	BalanceAfter int64
	OrderID      string
	Key          string
	Created      time.Time
}

// RowsMax bounds what is read of each table.
const RowsMax = 1_000_000

const (
	selectOrders = `
		SELECT id::text, user_id, amount, description, status, coalesce(cancel_reason, ''),
		       coalesce(idempotency_key, ''), create_time, update_time, sweep_time IS NOT NULL
		FROM orders WHERE starts_with(user_id, $1) LIMIT $2`
	selectDecisions = `
		SELECT order_id::text, user_id, amount, outcome, coalesce(decline_reason, '')
		FROM payment_transactions WHERE starts_with(user_id, $1) LIMIT $2`
	selectAccounts = `
		SELECT user_id, create_time
		FROM accounts WHERE starts_with(user_id, $1) LIMIT $2`
	selectEntries = `
		SELECT id::text, user_id, entry_number, kind, amount, balance_after, coalesce(order_id::text, ''),
		       coalesce(idempotency_key, ''), create_time
		FROM ledger_entries WHERE starts_with(user_id, $1) LIMIT $2`
)

// Read reads the rows of all users whose names begin with the prefix. The system must be
// quiet: the databases are read one after the other.
func Read(ctx context.Context, ordersURL, paymentsURL, prefix string) (*Rows, error) {
	rows := &Rows{}
	err := reading(ctx, ordersURL, func(tx pgx.Tx) error {
		return read(ctx, tx, selectOrders, prefix, &rows.Orders)
	})
	if err != nil {
		return nil, err
	}
	err = reading(ctx, paymentsURL, func(tx pgx.Tx) error {
		if err := read(ctx, tx, selectDecisions, prefix, &rows.Decisions); err != nil {
			return err
		}
		if err := read(ctx, tx, selectAccounts, prefix, &rows.Accounts); err != nil {
			return err
		}
		return read(ctx, tx, selectEntries, prefix, &rows.Entries)
	})
	return rows, err
}

func reading(ctx context.Context, url string, work func(pgx.Tx) error) error {
	database, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer database.Close(ctx)
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, database, options, work)
}

func read[Row any](ctx context.Context, tx pgx.Tx, query, prefix string, into *[]Row) error {
	found, err := tx.Query(ctx, query, prefix, RowsMax+1)
	if err != nil {
		return err
	}
	*into, err = pgx.CollectRows(found, pgx.RowToStructByPos[Row])
	if err == nil && len(*into) > RowsMax {
		err = fmt.Errorf("more than %d rows for: %s", RowsMax, query)
	}
	return err
}
