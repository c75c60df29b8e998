package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"orderspayments/tests/bench/generator"
	"orderspayments/tests/support"
)

// load is orders at a fixed rate, of the users in turn.
type load struct {
	perSecond int
	lasting   time.Duration
	users     []string
}

// trial is a load, and what it showed.
type trial struct {
	load
	steps  int // of the yardstick's rate; 0 unless it was chosen by it
	start  time.Time
	attack generator.Attack
	second settling // in its second half
	used   map[string]time.Duration
	// residentMiB is at the end of the load, by part.
	residentMiB      map[string]float64
	generatorPercent float64 // of the machine
}

// settling is what the orders database tells of a part of a load.
type settling struct {
	perSecond     float64
	ageP99        time.Duration // of the orders settled in it, and of those still NEW at its end
	p50, p99, max time.Duration // from creation to settling, of the settled ones alone
}

// holds: nothing piles up, nothing is refused, and the generator kept to its rate.
func (t trial) holds() bool {
	return t.second.ageP99 <= ageMax && t.attack.Made == t.attack.Sent && t.attack.PerSecond >= rateKeptLeast*float64(t.perSecond)
}

func (t trial) String() string {
	verdict := "holds"
	if !t.holds() {
		verdict = "does not hold"
	}
	ms := func(times ...time.Duration) string {
		var shown []string
		for _, time := range times {
			shown = append(shown, fmt.Sprintf("%.1f", milliseconds(time)))
		}
		return strings.Join(shown, "/") + " ms"
	}
	rate := fmt.Sprintf("%d/s", t.perSecond)
	if t.steps > 0 {
		rate = fmt.Sprintf("%.3f x pgbench, %s", ofYardstick(t.steps), rate)
	}
	return fmt.Sprintf("%s for %v: sent %.0f/s, settled %.0f/s, age p99 %s, POST p50/p99 %s, settle p50/p99 %s, not made %v, generator %.0f %% of the machine: %s",
		rate, t.lasting, t.attack.PerSecond, t.second.perSecond, ms(t.second.ageP99), ms(t.attack.P50, t.attack.P99),
		ms(t.second.p50, t.second.p99), t.attack.Others, t.generatorPercent, verdict)
}

// try returns when the load's last order is settled.
func (b *bench) try(ctx context.Context, l load) (trial, error) {
	t := trial{load: l, residentMiB: map[string]float64{}}
	used, err := b.use(func() (err error) {
		t.start = time.Now()
		if t.attack, err = b.attack(ctx, l); err != nil {
			return err
		}
		if err := t.takeResident(b); err != nil {
			return err
		}
		return b.drain(ctx)
	})
	if err != nil {
		return trial{}, err
	}
	t.used = used
	t.generatorPercent = ofMachine(t.attack.CPU, l.lasting)
	t.second, err = b.settling(ctx, t.start, t.start.Add(l.lasting/2), t.start.Add(l.lasting))
	return t, err
}

// attack makes the load's orders, one at least.
func (b *bench) attack(ctx context.Context, l load) (generator.Attack, error) {
	attack, err := generator.Paced{
		PerSecond: l.perSecond,
		Wrk: generator.Wrk{
			URL: support.OrdersURL, Connections: l.connections(), Duration: l.lasting,
			Script: "tests/bench/paced_orders.lua", Arguments: append([]string{"create"}, l.users...),
		},
	}.Run(ctx)
	if err == nil && attack.Made == 0 {
		err = fmt.Errorf("no order was made: %v", attack.Others)
	}
	return attack, err
}

func (l load) connections() int {
	return max(connections, int(float64(l.perSecond)*unansweredMax.Seconds()))
}

func (t *trial) takeResident(b *bench) error {
	uses, err := b.parts.Take()
	for part, use := range uses {
		t.residentMiB[part] = float64(use.ResidentBytes) / (1 << 20)
	}
	return err
}

// settling is of the time between from and to, of orders made since start. It is asked for
// once all is settled: to ask earlier would cost what is measured.
func (b *bench) settling(ctx context.Context, start, from, to time.Time) (settling, error) {
	var settled int
	var age99, settle50, settle99, most *float64 // s, null if there was none
	err := b.orders.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE update_time <= $3),
		       percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM least(update_time, $3) - create_time)),
		       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM update_time - create_time)) FILTER (WHERE update_time <= $3),
		       percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM update_time - create_time)) FILTER (WHERE update_time <= $3),
		       max(extract(epoch FROM update_time - create_time)) FILTER (WHERE update_time <= $3)
		  FROM orders
		 WHERE create_time BETWEEN $1 AND $3 AND update_time >= $2 AND status = 'FINISHED'`,
		start, from, to).Scan(&settled, &age99, &settle50, &settle99, &most)
	if err == nil && settled == 0 {
		err = fmt.Errorf("no order was settled from %v to %v", from, to)
	}
	if err != nil {
		return settling{}, err
	}
	of := func(seconds *float64) time.Duration { return time.Duration(*seconds * float64(time.Second)) }
	return settling{float64(settled) / to.Sub(from).Seconds(), of(age99), of(settle50), of(settle99), of(most)}, nil
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration) / float64(time.Millisecond)
}
