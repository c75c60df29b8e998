package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"orderspayments/deploy/operator/audit"
	"orderspayments/tests/bench/report"
	"orderspayments/tests/bench/usage"
	"orderspayments/tests/support"
)

// bench measures one running system. Nobody else may use it meanwhile.
type bench struct {
	settings
	out    io.Writer
	parts  usage.Parts
	orders *pgxpool.Pool
	audit  *audit.Audit
	users  []string
	// steps of the yardstick are the rate that the round before chose, 0 before the first;
	// rate is that of this round, orders/s.
	steps, rate int
	whileEmpty  reads // of row 8
}

// openBench prepares the system: accounts with money, and the yardstick's tables. The caller
// closes it.
func openBench(ctx context.Context, settings settings, sources audit.Sources, out io.Writer) (*bench, error) {
	b := &bench{settings: settings, out: out}
	var err error
	if b.orders, err = pgxpool.New(ctx, support.OrdersDatabase); err != nil {
		return nil, err
	}
	if b.audit, err = audit.Open(ctx, sources); err != nil {
		b.orders.Close()
		return nil, err
	}
	err = errors.Join(b.findParts(ctx), b.createYardstick(ctx))
	if err == nil {
		b.users, err = support.NewUsers(ctx, support.PaymentsURL, "bench", userCount, userMoney)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() {
	b.orders.Close()
	b.audit.Close()
}

// rounds runs each step that is wanted once in every round, so that what drifts on the machine
// drifts for all.
func (b *bench) rounds(ctx context.Context) ([]report.Figures, error) {
	var rounds []report.Figures
	count := roundsFor(b.row, b.pace.rounds)
	for round := range count {
		figures := report.Figures{}
		for _, step := range steps {
			if !step.measures(b.row) || !step.due(round, count) {
				continue
			}
			start := time.Now()
			b.say("round %d of %d: %s", round+1, count, step.name)
			err := b.rest(ctx)
			if err == nil {
				err = step.run(b, ctx, figures)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", step.name, err)
			}
			b.say("  took %v", time.Since(start).Round(time.Second))
		}
		rounds = append(rounds, figures)
	}
	return rounds, b.rest(ctx)
}

// rest returns when the system has nothing to do.
func (b *bench) rest(ctx context.Context) error {
	if err := b.drain(ctx); err != nil {
		return err
	}
	return support.Within(ctx, settleTimeout, b.audit.Quiet)
}

// drain returns when no order is NEW.
func (b *bench) drain(ctx context.Context) error {
	return support.Within(ctx, drainTimeout, func(ctx context.Context) error {
		age, err := b.oldest(ctx)
		if err == nil && age > 0 {
			err = fmt.Errorf("an order of %v ago is NEW", age.Round(time.Millisecond))
		}
		return err
	})
}

// oldest is the age of the order that has been NEW the longest, 0 if none is.
func (b *bench) oldest(ctx context.Context) (time.Duration, error) {
	// In the order of the index of NEW orders, so that it is read whatever the table holds.
	var made time.Time
	err := b.orders.QueryRow(ctx,
		`SELECT create_time FROM orders WHERE status = 'NEW' ORDER BY coalesce(sweep_time, create_time) LIMIT 1`).Scan(&made)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return max(time.Since(made), 1), err
}

// findParts is due again when one of them was restarted; it waits until they are taken for
// running.
func (b *bench) findParts(ctx context.Context) error {
	return support.Within(ctx, startTimeout, func(ctx context.Context) (err error) {
		b.parts, err = usage.PartsOf(ctx, b.supervisor())
		return err
	})
}

func (b *bench) supervisor() string { return filepath.Join(b.localDir, "supervisord.conf") }

// use tells what CPU time each part used during the work.
func (b *bench) use(work func() error) (map[string]time.Duration, error) {
	before, err := b.parts.Take()
	if err != nil {
		return nil, err
	}
	if err := work(); err != nil {
		return nil, err
	}
	after, err := b.parts.Take()
	used := map[string]time.Duration{}
	for part := range after {
		used[part] = after[part].CPU - before[part].CPU
	}
	return used, err
}

func (b *bench) say(format string, values ...any) { fmt.Fprintf(b.out, format+"\n", values...) }
