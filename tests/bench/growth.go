package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"orderspayments/tests/bench/grown"
	"orderspayments/tests/bench/report"
)

// growth is row 8: row 2's rate and reads once years of orders are there. The orders are made
// and read by users that were loaded, half of them of those who have most of the orders.
func (b *bench) growth(ctx context.Context, figures report.Figures) error {
	books := grown.Books{
		Orders: b.grownOrders, Accounts: b.grownAccounts, Busy: b.grownAccounts / busyOneIn, Money: grownMoney, End: time.Now().Add(-grownAge),
	}
	start := time.Now()
	if err := b.loadBooks(ctx, books); err != nil {
		return err
	}
	figures["grown_load_s"] = time.Since(start).Seconds()
	b.say("  %d orders and %d accounts loaded in %.0f s", books.Orders, books.Accounts, figures["grown_load_s"])

	users := books.Users(grownUsers)
	if err := b.explain(ctx, figures, users[:batchRows]); err != nil {
		return err
	}
	found, err := b.read(ctx, books.BusyUsers(readUsers))
	if err != nil {
		return err
	}
	b.say("  %v", found)
	found.report(figures, grownGet, grownList)
	b.whileEmpty.report(figures, emptyGet, emptyList)

	trial, err := b.try(ctx, load{perSecond: b.rate, lasting: b.repeat, users: users})
	if err != nil {
		return err
	}
	trial.reportRate(figures, grownPerSecond, grownHolds)
	b.say("  %v", trial)
	return nil
}

// loadBooks fills tables side by side, and leaves them as they are once all has settled:
// cleaned, counted and on disk.
func (b *bench) loadBooks(ctx context.Context, books grown.Books) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for server, tables := range books.Statements() {
		for table, statement := range tables {
			group.Go(func() error {
				for _, each := range []string{statement, `VACUUM (ANALYZE) ` + table} {
					if err := execute(groupCtx, b.superuserURL(server, server), each); err != nil {
						return fmt.Errorf("%s of %s: %w", table, server, err)
					}
				}
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, server := range []string{"orders", "payments"} {
		if err := execute(ctx, b.superuserURL(server, server), `CHECKPOINT`); err != nil {
			return err
		}
	}
	return nil
}
