package audit

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// $1 is how long an order may be NEW, 0 that none may be.
const selectOrders = `
	SELECT id, user_id, amount, status, coalesce(cancel_reason, ''),
	       status = 'NEW' AND ($1::interval = '0' OR create_time < now() - $1::interval)
	FROM orders ORDER BY id`

const decisionColumns = `
	SELECT order_id, user_id, amount,
	       CASE outcome WHEN 'SUCCEEDED' THEN 'FINISHED' WHEN 'DECLINED' THEN 'CANCELLED' ELSE outcome END,
	       coalesce(decline_reason, ''), false
	FROM payment_transactions`

const (
	selectDecisions     = decisionColumns + ` ORDER BY order_id`
	selectDecisionsByID = decisionColumns + ` WHERE order_id = ANY($1::uuid[])`
)

func (a *Audit) compare(ctx context.Context, orders, payments pgx.Tx, expected Expectation, certificate *Certificate) error {
	comparison := newComparison(certificate)
	told, err := toldRecords(expected.Acknowledged)
	if err != nil {
		return err
	}
	comparison.told = side{next: recordsOf(told)}

	decisionRows, err := payments.Query(ctx, selectDecisions)
	if err != nil {
		return err
	}
	defer decisionRows.Close()
	comparison.decisions = side{next: recordsIn(decisionRows)}

	orderRows, err := orders.Query(ctx, selectOrders, expected.SettleWithin)
	if err != nil {
		return err
	}
	defer orderRows.Close()
	comparison.orders = side{next: recordsIn(orderRows)}

	comparison.decidedSince = func(ids []orderID) (map[orderID]record, error) { return a.decidedSince(ctx, ids) }
	return comparison.run()
}

// decidedSince sees all that is committed now, unlike the snapshot.
func (a *Audit) decidedSince(ctx context.Context, ids []orderID) (map[orderID]record, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	rows, err := a.payments.Query(ctx, selectDecisionsByID, texts)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	decisions := make(map[orderID]record, len(ids))
	next := recordsIn(rows)
	for {
		decision, err := next()
		if decision == nil || err != nil {
			return decisions, err
		}
		decisions[decision.id] = *decision
	}
}

// recordsIn streams rows as the server sends them.
func recordsIn(rows pgx.Rows) func() (*record, error) {
	return func() (*record, error) {
		if !rows.Next() {
			return nil, rows.Err()
		}
		row := &record{}
		err := rows.Scan((*[16]byte)(&row.id), &row.userID, &row.amount, &row.status, &row.reason, &row.late)
		return row, err
	}
}

func recordsOf(records []record) func() (*record, error) {
	return func() (*record, error) {
		if len(records) == 0 {
			return nil, nil
		}
		first := &records[0]
		records = records[1:]
		return first, nil
	}
}

// toldRecords are sorted by id.
func toldRecords(orders []Order) ([]record, error) {
	records := make([]record, len(orders))
	for i, order := range orders {
		var id pgtype.UUID
		if err := id.Scan(order.ID); err != nil {
			return nil, fmt.Errorf("acknowledged order %+v: %w", order, err)
		}
		records[i] = record{id: id.Bytes, userID: order.UserID, amount: order.Amount, status: order.Status}
	}
	slices.SortFunc(records, func(a, b record) int { return bytes.Compare(a.id[:], b.id[:]) })
	return records, nil
}

func checkOutbox(ctx context.Context, name string, database pgx.Tx, expected Expectation, certificate *Certificate) error {
	finding := certificate.add("I7", "no event stays in the outbox of "+name)
	var oldest *time.Duration
	err := database.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE $1::interval = '0' OR create_time < now() - $1::interval), now() - min(create_time)
		FROM outbox`, expected.SettleWithin).Scan(&finding.Checked, &finding.Broken, &oldest)
	if err == nil && finding.Broken > 0 {
		finding.Examples = []string{fmt.Sprintf("the oldest waits for %v", oldest.Round(time.Second))}
	}
	finding.InFlight = finding.Checked - finding.Broken
	return err
}
