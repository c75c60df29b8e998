package operator

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

const (
	workers      = 4
	auditsAtWork = 40
)

// Orders are made, decided and settled between the two snapshots of an audit, which must not
// take for a breach what is only on its way.
func TestAuditOfASystemAtWorkSeesNoBreach(t *testing.T) {
	goodBooks(t)
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	for range workers {
		group.Go(func() {
			if err := runOrders(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	var inFlight int64
	for range auditsAtWork {
		// A new one each time: between its snapshots it has to connect, which takes longer
		// than an order does.
		certificate := check(t, setUpTimeout)
		if err := certificate.Err(); err != nil {
			t.Fatal(err)
		}
		inFlight += certificate.InFlight()
	}
	if inFlight <= auditsAtWork {
		t.Error("nothing but the tea was ever in flight")
	}
}

// runOrders makes, decides and settles one order after the other, the last one to its end.
func runOrders(ctx context.Context) error {
	stopped := ctx.Done()
	ctx = context.WithoutCancel(ctx)
	orders, err := pgx.Connect(ctx, orders.Config().ConnString())
	if err != nil {
		return err
	}
	defer orders.Close(ctx)
	payments, err := pgx.Connect(ctx, payments.Config().ConnString())
	if err != nil {
		return err
	}
	defer payments.Close(ctx)
	for {
		select {
		case <-stopped:
			return nil
		default:
		}
		if err := runOrder(ctx, orders, payments); err != nil {
			return err
		}
	}
}

func runOrder(ctx context.Context, orders, payments *pgx.Conn) error {
	var id [16]byte
	if err := orders.QueryRow(ctx, `
		INSERT INTO orders (id, user_id, amount, description, status, create_time, update_time)
		VALUES (gen_random_uuid(), 'u2', 5, '', 'NEW', now(), now()) RETURNING id`).Scan(&id); err != nil {
		return err
	}
	if _, err := payments.Exec(ctx, `
		INSERT INTO payment_transactions (order_id, user_id, amount, outcome, decline_reason, create_time)
		VALUES ($1, 'u2', 5, 'DECLINED', 'ACCOUNT_NOT_FOUND', now())`, id); err != nil {
		return err
	}
	_, err := orders.Exec(ctx, `UPDATE orders SET status = 'CANCELLED', cancel_reason = 'ACCOUNT_NOT_FOUND' WHERE id = $1`, id)
	return err
}
