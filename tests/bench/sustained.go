package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"orderspayments/tests/bench/generator"
	"orderspayments/tests/bench/report"
	"orderspayments/tests/support"
)

// sustained is row 2, the highest rate that holds, and at that rate rows 5 and 11. Where none
// of a round's rates holds, row 2 is 0 and the others are those of the lowest rate.
func (b *bench) sustained(ctx context.Context, figures report.Figures) error {
	perSecond, cpu, err := b.yardstick(ctx)
	if err != nil {
		return err
	}
	figures[sustainedYardstick] = perSecond
	figures[sustainedYardstickCPU] = float64(cpu.Microseconds())
	var tried []trial
	for tenths := b.tenths; tenths != 0; tenths = next(tried) {
		if err := b.rest(ctx); err != nil {
			return err
		}
		trial, err := b.try(ctx, tenths, perSecond)
		if err != nil {
			return err
		}
		b.say("  %v", trial)
		tried = append(tried, trial)
	}
	best := choose(tried)
	b.tenths = best.tenths
	best.report(figures)
	return nil
}

// trial is an open loop at so many tenths of the yardstick's rate, and what it showed.
type trial struct {
	tenths int
	attack generator.Attack
	asked  int // orders/s
	second secondHalf
	used   map[string]time.Duration
	// residentMiB is at the end of the load, by part.
	residentMiB      map[string]float64
	generatorPercent float64 // of the machine
}

// secondHalf is what the orders database tells of the second half of a load.
type secondHalf struct {
	settledPerSecond     float64
	ageP99               time.Duration // of the orders settled in it, and of those still NEW at its end
	settleP50, settleP99 time.Duration // of the settled ones alone
}

// holds: nothing piles up, nothing is refused, and the generator kept to its rate.
func (t trial) holds() bool {
	return t.second.ageP99 <= ageMax && t.attack.Made == t.attack.Sent && t.attack.PerSecond >= rateKeptLeast*float64(t.asked)
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
	return fmt.Sprintf("%.1f x pgbench, %d/s: sent %.0f/s, settled %.0f/s, age p99 %s, POST p50/p99 %s, settle p50/p99 %s, not made %v, generator %.0f %% of the machine: %s",
		float64(t.tenths)/10, t.asked, t.attack.PerSecond, t.second.settledPerSecond, ms(t.second.ageP99), ms(t.attack.P50, t.attack.P99),
		ms(t.second.settleP50, t.second.settleP99), t.attack.Others, t.generatorPercent, verdict)
}

// next is the rate to try after these, 0 when the search is over: a step up from what holds;
// from what does not a step down, or to what it settled at if that is less.
func next(tried []trial) int {
	if len(tried) == trialsMax {
		return 0
	}
	last := tried[len(tried)-1]
	tenths := last.tenths + 1
	if !last.holds() {
		settled := math.Floor(last.second.settledPerSecond / float64(last.asked) * float64(last.tenths))
		tenths = min(last.tenths-1, max(1, int(settled)))
	}
	for _, trial := range tried {
		if trial.tenths == tenths {
			return 0
		}
	}
	return tenths
}

// choose is the highest rate that holds, or if none does the lowest.
func choose(tried []trial) trial {
	best := tried[0]
	for _, trial := range tried[1:] {
		switch {
		case trial.holds() && (!best.holds() || trial.tenths > best.tenths),
			!trial.holds() && !best.holds() && trial.tenths < best.tenths:
			best = trial
		}
	}
	return best
}

// try returns when the trial's last order is settled.
func (b *bench) try(ctx context.Context, tenths int, yardstick float64) (trial, error) {
	t := trial{tenths: tenths, asked: int(yardstick * float64(tenths) / 10), residentMiB: map[string]float64{}}
	var start time.Time
	used, err := b.use(func() (err error) {
		start = time.Now()
		t.attack, err = generator.Vegeta{
			Requests: b.requests(), PerSecond: t.asked, Duration: b.pace.trial, Program: b.vegeta, Dir: b.dir,
		}.Run(ctx)
		if err == nil && t.attack.Made == 0 {
			err = fmt.Errorf("no order was made: %v", t.attack.Others)
		}
		if err != nil {
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
	t.generatorPercent = ofMachine(t.attack.CPU, b.pace.trial)
	t.second, err = b.secondHalf(ctx, start, b.pace.trial)
	return t, err
}

func (t *trial) takeResident(b *bench) error {
	uses, err := b.parts.Take()
	for part, use := range uses {
		t.residentMiB[part] = float64(use.ResidentBytes) / (1 << 20)
	}
	return err
}

func (b *bench) requests() []generator.Request {
	requests := make([]generator.Request, len(b.users))
	for i, user := range b.users {
		requests[i] = generator.Request{
			Method: "POST", URL: support.OrdersURL + "/orders",
			Header: map[string][]string{"X-User-Id": {user}, "Content-Type": {"application/json"}},
			Body:   fmt.Appendf(nil, `{"amount":%d,"description":"load"}`, price),
		}
	}
	return requests
}

// secondHalf asks once all is settled: to ask earlier would cost what is measured.
func (b *bench) secondHalf(ctx context.Context, start time.Time, load time.Duration) (secondHalf, error) {
	var settled int
	var age99, settle50, settle99 *float64 // s, null if there was none
	err := b.orders.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE update_time <= $3),
		       percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM least(update_time, $3) - create_time)),
		       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM update_time - create_time)) FILTER (WHERE update_time <= $3),
		       percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM update_time - create_time)) FILTER (WHERE update_time <= $3)
		  FROM orders
		 WHERE create_time BETWEEN $1 AND $3 AND update_time >= $2 AND status = 'FINISHED'`,
		start, start.Add(load/2), start.Add(load)).Scan(&settled, &age99, &settle50, &settle99)
	if err == nil && settled == 0 {
		err = fmt.Errorf("no order was settled in the second half")
	}
	if err != nil {
		return secondHalf{}, err
	}
	of := func(seconds *float64) time.Duration { return time.Duration(*seconds * float64(time.Second)) }
	return secondHalf{float64(settled) / (load / 2).Seconds(), of(age99), of(settle50), of(settle99)}, nil
}

// costParts are those of the receipt.
var costParts = []string{"gateway", "services", "Postgres", "RabbitMQ"}

// costPart is the receipt's part that a process of the system belongs to.
func costPart(process string) string {
	switch {
	case strings.HasPrefix(process, "edge:"):
		return "gateway"
	case strings.HasPrefix(process, "services:"):
		return "services"
	case strings.HasPrefix(process, "infrastructure:postgres-"):
		return "Postgres"
	default:
		return "RabbitMQ"
	}
}

func costFigure(part string) string { return "sustained_cpu_us_" + part }

func (t trial) report(figures report.Figures) {
	figures[sustainedPerSecond] = 0
	if t.holds() {
		figures[sustainedPerSecond] = t.second.settledPerSecond
	}
	figures["sustained_asked_per_s"] = float64(t.asked)
	figures["sustained_age_p99_ms"] = milliseconds(t.second.ageP99)
	figures["sustained_settle_p50_ms"] = milliseconds(t.second.settleP50)
	figures["sustained_settle_p99_ms"] = milliseconds(t.second.settleP99)
	figures["sustained_post_p50_ms"] = milliseconds(t.attack.P50)
	figures["sustained_post_p99_ms"] = milliseconds(t.attack.P99)
	figures["sustained_not_made"] = float64(t.attack.Sent - t.attack.Made)
	figures["sustained_generator_percent"] = t.generatorPercent
	figures[sustainedCPU] = 0
	for process, cpu := range t.used {
		each := float64(cpu.Nanoseconds()) / 1000 / float64(t.attack.Made)
		figures[costFigure(process)] = each
		figures[costFigure(costPart(process))] += each
		figures[sustainedCPU] += each
	}
	for process, size := range t.residentMiB {
		figures["sustained_resident_mib_"+process] = size
		if strings.HasSuffix(process, "-service") || strings.HasSuffix(process, "-gateway") {
			figures[sustainedResident] = max(figures[sustainedResident], size)
		}
	}
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration) / float64(time.Millisecond)
}
