package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"orderspayments/tests/bench/report"
	"orderspayments/tests/support"
)

// idleLatency is row 4: orders one by one at a fixed pace, each from the sending of the POST to
// the event that shows it FINISHED, after the parts that this is made of.
func (b *bench) idleLatency(ctx context.Context, figures report.Figures) error {
	if err := b.measureLatencyParts(ctx, figures); err != nil {
		return err
	}
	user := b.users[0]
	// Not measured: it opens the connections.
	if _, _, err := orderLatency(ctx, user); err != nil {
		return err
	}
	var posts, finishes []time.Duration
	err := paced(ctx, b.latencyOrders, func(ctx context.Context) error {
		post, finish, err := orderLatency(ctx, user)
		posts, finishes = append(posts, post), append(finishes, finish)
		return err
	})
	if err != nil {
		return err
	}
	figures[latencyP50] = milliseconds(report.Percentile(finishes, 50))
	figures[latencyP99] = milliseconds(report.Percentile(finishes, 99))
	figures["latency_max_ms"] = milliseconds(report.Percentile(finishes, 100))
	figures["latency_post_p50_ms"] = milliseconds(report.Percentile(posts, 50))
	figures["latency_post_p99_ms"] = milliseconds(report.Percentile(posts, 99))
	b.say("  p50 %.2f ms, p99 %.2f ms; parts %.2f ms", figures[latencyP50], figures[latencyP99], figures[latencyPartsP50])
	return nil
}

// paced does the same so many times at the fixed pace.
func paced(ctx context.Context, times int, do func(context.Context) error) error {
	pace := time.NewTicker(orderInterval)
	defer pace.Stop()
	for range times {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// orderLatency takes one order to its end.
func orderLatency(ctx context.Context, user string) (post, finish time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	start := time.Now()
	order, err := support.PostOrder(ctx, support.OrdersURL, user, price)
	post = time.Since(start)
	if err != nil {
		return post, 0, err
	}
	events, err := support.OpenEvents(ctx, support.OrdersURL, user, order.ID)
	if err != nil {
		return post, 0, err
	}
	defer events.Close()
	for order.Status != "FINISHED" {
		if order, err = events.Next(); err != nil {
			return post, 0, fmt.Errorf("order %s did not finish: %w", order.ID, err)
		}
	}
	finish = time.Since(start)
	// To its end, or the connection cannot be used again.
	if _, err = events.Next(); err != io.EOF {
		return post, finish, fmt.Errorf("order %s has changed since it finished: %v", order.ID, err)
	}
	return post, finish, nil
}
