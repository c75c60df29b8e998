package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"orderspayments/tests/bench/report"
	"orderspayments/tests/support"
)

// confirmedEvents is what the broker took of orders-service: a request each, and each that is
// published again.
const confirmedEvents = "outbox_events_confirmed_total"

// paymentsAway is row 9: orders are made while payments-service is stopped, and wait.
func (b *bench) paymentsAway(ctx context.Context, figures report.Figures) error {
	before, err := support.Metric(ctx, b.ordersMetrics, confirmedEvents)
	if err != nil {
		return err
	}
	if err := b.control(ctx, "stop"); err != nil {
		return err
	}
	begin := time.Now()
	attack, err := b.attack(ctx, load{perSecond: b.half(), lasting: b.pace.paymentsAway, users: b.users})
	start := time.Now()
	// Its backlog has to drain in any case.
	if err := errors.Join(err, b.startPayments(ctx)); err != nil {
		return err
	}
	if err := b.rest(ctx); err != nil {
		return err
	}
	var end time.Time
	if err := b.orders.QueryRow(ctx, `SELECT max(update_time) FROM orders WHERE create_time >= $1`, begin).Scan(&end); err != nil {
		return err
	}
	after, err := support.Metric(ctx, b.ordersMetrics, confirmedEvents)
	if err != nil {
		return err
	}
	if after == before {
		return fmt.Errorf("%s of orders-service does not count", confirmedEvents)
	}
	figures[awayPerSecond] = float64(attack.Made) / end.Sub(start).Seconds()
	figures[awayTwice] = 100 * (after - before - float64(attack.Made)) / float64(attack.Made)
	figures["payments_away_orders"] = float64(attack.Made)
	figures["payments_away_not_made"] = float64(attack.Sent - attack.Made)
	b.say("  %d orders waited, %d were not made; drained in %v, %.0f/s; %.2f %% published twice", attack.Made, attack.Sent-attack.Made,
		end.Sub(start).Round(time.Millisecond), figures[awayPerSecond], figures[awayTwice])
	return nil
}
