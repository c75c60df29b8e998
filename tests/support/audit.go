package support

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Audit looks into both databases and the broker: whether what was promised to users holds
// for them.
type Audit struct {
	orders, payments *pgx.Conn
	users            []string
	paidIn           int64
}

// OpenAudit is for users whose only top-ups are one of paidIn each. The caller closes it.
func OpenAudit(ctx context.Context, users []string, paidIn int64) (*Audit, error) {
	orders, err := pgx.Connect(ctx, OrdersDatabase)
	if err != nil {
		return nil, err
	}
	payments, err := pgx.Connect(ctx, PaymentsDatabase)
	if err != nil {
		return nil, errors.Join(err, orders.Close(ctx))
	}
	return &Audit{orders, payments, users, paidIn}, nil
}

// Close ends the connections.
func (a *Audit) Close(ctx context.Context) error {
	return errors.Join(a.orders.Close(ctx), a.payments.Close(ctx))
}

// Quiet is nil when all orders of the users are settled and no event waits anywhere.
func (a *Audit) Quiet(ctx context.Context) error {
	unsettled, err := count(ctx, a.orders, `SELECT count(*) FROM orders WHERE user_id = ANY(@users) AND status = 'NEW'`, pgx.NamedArgs{"users": a.users})
	if err != nil {
		return err
	}
	if unsettled > 0 {
		return fmt.Errorf("%d orders are not settled", unsettled)
	}
	for name, database := range map[string]*pgx.Conn{"orders": a.orders, "payments": a.payments} {
		waiting, err := count(ctx, database, `SELECT count(*) FROM outbox`)
		if err != nil {
			return err
		}
		if waiting > 0 {
			return fmt.Errorf("%d events wait in the outbox of %s", waiting, name)
		}
	}
	return nil
}

// Ends counts the users' orders by status.
func (a *Audit) Ends(ctx context.Context) (map[string]int, error) {
	rows, err := a.orders.Query(ctx, `SELECT status FROM orders WHERE user_id = ANY(@users)`, pgx.NamedArgs{"users": a.users})
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
	return errors.Join(
		a.checkAccepted(ctx, accepted),
		a.checkOutcomes(ctx),
		a.checkLedger(ctx),
		noDeadLetters(BrokerURL("orders"), "orders.payment-processed.dlq"),
		noDeadLetters(BrokerURL("payments"), "payments.payment-requested.dlq"),
	)
}

type orderRow struct {
	ID, UserID   string
	Amount       int64
	Status       string
	CancelReason *string
}

func (a *Audit) orderRows(ctx context.Context) (map[string]orderRow, error) {
	rows, err := a.orders.Query(ctx, `SELECT id::text, user_id, amount, status, cancel_reason FROM orders WHERE user_id = ANY(@users)`, pgx.NamedArgs{"users": a.users})
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[orderRow])
	byID := make(map[string]orderRow, len(all))
	for _, row := range all {
		byID[row.ID] = row
	}
	return byID, err
}

// Each answer 201 has its own order, as it was told.
func (a *Audit) checkAccepted(ctx context.Context, accepted []Order) error {
	rows, err := a.orderRows(ctx)
	if err != nil {
		return err
	}
	told := make(map[string]bool, len(accepted))
	var broken []error
	for _, order := range accepted {
		row, exists := rows[order.ID]
		if !exists || told[order.ID] || row.UserID != order.UserID || row.Amount != order.Amount || order.Status != "NEW" {
			broken = append(broken, fmt.Errorf("told %+v, kept %+v, told before: %t", order, row, told[order.ID]))
		}
		told[order.ID] = true
	}
	return errors.Join(broken...)
}

// Every order has one decision, and ended as it says; no decision is without an order.
func (a *Audit) checkOutcomes(ctx context.Context) error {
	orders, err := a.orderRows(ctx)
	if err != nil {
		return err
	}
	rows, err := a.payments.Query(ctx, `
		SELECT order_id::text, user_id, amount,
		       CASE outcome WHEN 'SUCCEEDED' THEN 'FINISHED' ELSE 'CANCELLED' END, decline_reason
		FROM payment_transactions WHERE user_id = ANY(@users)`, pgx.NamedArgs{"users": a.users})
	if err != nil {
		return err
	}
	decisions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[orderRow])
	if err != nil {
		return err
	}
	var broken []error
	for _, decision := range decisions {
		order, exists := orders[decision.ID]
		if !exists || !order.agrees(decision) {
			broken = append(broken, fmt.Errorf("decided %+v, order %+v", decision, order))
		}
		delete(orders, decision.ID)
	}
	for _, order := range orders {
		broken = append(broken, fmt.Errorf("undecided, or decided twice: %+v", order))
	}
	return errors.Join(broken...)
}

func (o orderRow) agrees(decision orderRow) bool {
	sameReason := (o.CancelReason == nil) == (decision.CancelReason == nil) &&
		(o.CancelReason == nil || *o.CancelReason == *decision.CancelReason)
	o.CancelReason, decision.CancelReason = nil, nil
	return sameReason && o == decision
}

// What must not be found in the ledger of @users who paid in @paid_in each.
var ledgerFaults = map[string]string{
	"successful payments that have not exactly one charge of their amount": `
		SELECT count(*) FROM payment_transactions p WHERE user_id = ANY(@users) AND outcome = 'SUCCEEDED' AND 1 <> (
			SELECT count(*) FROM ledger_entries l
			WHERE l.kind = 'CHARGE' AND l.order_id = p.order_id AND l.user_id = p.user_id AND l.amount = p.amount)`,
	"charges without a successful payment, or beside another of the same order": `
		SELECT count(*) - count(DISTINCT p.order_id) FROM ledger_entries l
		LEFT JOIN payment_transactions p ON p.order_id = l.order_id AND p.outcome = 'SUCCEEDED'
		WHERE l.user_id = ANY(@users) AND l.kind = 'CHARGE'`,
	"breaks in the chain of entries and balances": `
		SELECT count(*) FROM (
			SELECT entry_number, balance_after,
			       CASE kind WHEN 'TOP_UP' THEN amount ELSE -amount END AS delta,
			       lag(entry_number, 1, 0) OVER chain AS number_before,
			       lag(balance_after, 1, 0) OVER chain AS balance_before
			FROM ledger_entries WHERE user_id = ANY(@users)
			WINDOW chain AS (PARTITION BY user_id ORDER BY entry_number)) entry
		WHERE entry_number <> number_before + 1 OR balance_after <> balance_before + delta`,
	"accounts whose balance is not their ledger's sum and last entry's, or that were not paid in once": `
		SELECT count(*) FROM accounts a JOIN (
			SELECT user_id, max(entry_number) AS last_entry,
			       sum(CASE kind WHEN 'TOP_UP' THEN amount ELSE -amount END) AS balance,
			       coalesce(sum(amount) FILTER (WHERE kind = 'TOP_UP'), 0) AS paid_in
			FROM ledger_entries WHERE user_id = ANY(@users) GROUP BY user_id) ledger USING (user_id)
		WHERE a.balance <> ledger.balance OR a.last_entry <> ledger.last_entry OR ledger.paid_in <> @paid_in`,
	"users without an account or a ledger": `
		SELECT cardinality(@users::text[]) - count(DISTINCT user_id)
		FROM accounts JOIN ledger_entries USING (user_id) WHERE user_id = ANY(@users)`,
}

func (a *Audit) checkLedger(ctx context.Context) error {
	var broken []error
	for fault, query := range ledgerFaults {
		found, err := count(ctx, a.payments, query, pgx.NamedArgs{"users": a.users, "paid_in": a.paidIn})
		if err == nil && found != 0 {
			err = fmt.Errorf("%d %s", found, fault)
		}
		broken = append(broken, err)
	}
	return errors.Join(broken...)
}

func count(ctx context.Context, database *pgx.Conn, query string, arguments ...any) (int64, error) {
	var number int64
	err := database.QueryRow(ctx, query, arguments...).Scan(&number)
	return number, err
}
