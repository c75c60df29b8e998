package main

import (
	"context"

	"orderspayments/tests/bench/report"
	"orderspayments/tests/support"
)

// readOrder is row 10: a user's settled orders by their ids, as fast as they are answered.
func (b *bench) readOrder(ctx context.Context, figures report.Figures) error {
	user := b.users[0]
	arguments := []string{"read", user}
	for range readOrders {
		order, err := support.PostOrder(ctx, support.OrdersURL, user, price)
		if err != nil {
			return err
		}
		arguments = append(arguments, order.ID)
	}
	if err := b.rest(ctx); err != nil {
		return err
	}
	read, err := b.closedLoop(ctx, b.pace.read, arguments)
	if err != nil {
		return err
	}
	figures[readPerSecond] = read.perSecond()
	figures["read_refused"] = float64(read.Refused)
	figures["read_generator_percent"] = read.generatorPercent()
	b.say("  %v", read)
	return nil
}
