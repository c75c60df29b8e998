package main

import (
	"context"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"orderspayments/tests/bench/generator"
	"orderspayments/tests/bench/report"
)

// lag is how old the oldest NEW order was, so long after the kill.
type lag struct{ after, age time.Duration }

// paymentsKilled is row 15: in the middle of a load payments-service dies, and the supervisor
// starts another.
func (b *bench) paymentsKilled(ctx context.Context, figures report.Figures) error {
	var attack generator.Attack
	var kill time.Time
	var lags []lag
	over := make(chan struct{})
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		defer close(over)
		attack, err = b.attack(groupCtx, load{perSecond: b.half(), lasting: b.killed, users: b.users})
		return err
	})
	group.Go(func() (err error) {
		select {
		case <-time.After(b.killed / 2):
		case <-groupCtx.Done():
			return groupCtx.Err()
		}
		kill = time.Now()
		if err := syscall.Kill(b.parts[paymentsService], syscall.SIGKILL); err != nil {
			return err
		}
		lags, err = b.lags(groupCtx, kill, over)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if err := b.drain(ctx); err != nil {
		return err
	}
	lags = append(lags, lag{after: time.Since(kill)})
	recovery, most := recovered(lags)
	figures[killedRecovery] = recovery.Seconds()
	figures["payments_killed_lag_max_s"] = most.Seconds()
	figures["payments_killed_not_made"] = float64(attack.Sent - attack.Made)
	b.say("  below %v again %v after the kill, at most %v; %d orders not made", lagMax,
		recovery.Round(time.Millisecond), most.Round(time.Millisecond), attack.Sent-attack.Made)
	return b.findParts(ctx)
}

// lags looks at the oldest NEW order until the load is over.
func (b *bench) lags(ctx context.Context, kill time.Time, over <-chan struct{}) ([]lag, error) {
	var lags []lag
	pace := time.NewTicker(lagInterval)
	defer pace.Stop()
	for {
		select {
		case <-over:
			return lags, nil
		case <-pace.C:
		}
		age, err := b.oldest(ctx)
		if err != nil {
			return nil, err
		}
		lags = append(lags, lag{time.Since(kill), age})
	}
}

// recovered is when the lag was first below the limit to stay there, 0 if it never passed
// that, and the longest lag. The last look finds none.
func recovered(lags []lag) (recovery, most time.Duration) {
	for i, look := range lags {
		if look.age >= lagMax {
			recovery = lags[i+1].after
		}
		most = max(most, look.age)
	}
	return recovery, most
}
