package main

import (
	"context"

	"orderspayments/tests/bench/report"
)

// hotAccount is row 7: row 2's rate, and one user makes every order.
func (b *bench) hotAccount(ctx context.Context, figures report.Figures) error {
	trial, err := b.try(ctx, load{perSecond: b.rate, lasting: b.repeat, users: b.users[:1]})
	if err != nil {
		return err
	}
	trial.reportRate(figures, hotPerSecond, hotHolds)
	b.say("  %v", trial)
	return nil
}

// reportRate of a trial at row 2's rate: what settled in its second half, whether or not the
// rate held, and which of the two it was.
func (t trial) reportRate(figures report.Figures, perSecond, holds string) {
	figures[perSecond] = t.second.perSecond
	figures[holds] = 0
	if t.holds() {
		figures[holds] = 1
	}
}
