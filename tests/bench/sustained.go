package main

import (
	"context"
	"math"
	"strings"
	"time"

	"orderspayments/tests/bench/report"
)

// sustained is row 2, the highest rate that holds, and at that rate rows 5 and 11. Where none
// of a round's rates holds, row 2 is 0 and the others are those of the lowest rate. The first
// round searches by short probes; what it found, or a later round begins with, is confirmed.
func (b *bench) sustained(ctx context.Context, figures report.Figures) error {
	if b.steps == 0 {
		if err := b.search(ctx, figures); err != nil {
			return err
		}
	}
	var tried []trial
	for steps := b.steps; steps != 0; steps = nextConfirmation(tried) {
		var err error
		if tried, err = b.tryRate(ctx, tried, steps, figures[yardstickPerSecond], b.pace.trial); err != nil {
			return err
		}
	}
	best := choose(tried)
	b.steps, b.rate = best.steps, best.perSecond
	best.report(figures)
	return nil
}

func (b *bench) search(ctx context.Context, figures report.Figures) error {
	var tried []trial
	for steps := firstSteps; steps != 0; steps = next(tried) {
		var err error
		if tried, err = b.tryRate(ctx, tried, steps, figures[yardstickPerSecond], b.probe); err != nil {
			return err
		}
	}
	b.steps = choose(tried).steps
	return nil
}

// ofYardstick is the part of the yardstick's rate that so many steps are.
func ofYardstick(steps int) float64 { return float64(steps) / yardstickSteps }

// tryRate appends the trial of a rate to those before it.
func (b *bench) tryRate(ctx context.Context, tried []trial, steps int, yardstick float64, lasting time.Duration) ([]trial, error) {
	if err := b.rest(ctx); err != nil {
		return nil, err
	}
	trial, err := b.try(ctx, load{perSecond: max(1, int(yardstick*ofYardstick(steps))), lasting: lasting, users: b.users})
	trial.steps = steps
	if err == nil {
		b.say("  %v", trial)
	}
	return append(tried, trial), err
}

// next is the rate to try after these, 0 when the search is over: a step up from what holds;
// from what does not a step down, or to what it settled at if that is less.
func next(tried []trial) int {
	if len(tried) == probesMax {
		return 0
	}
	last := tried[len(tried)-1]
	steps := last.steps + 1
	if !last.holds() {
		settled := math.Floor(last.second.perSecond / float64(last.perSecond) * float64(last.steps))
		steps = min(last.steps-1, max(1, int(settled)))
	}
	for _, trial := range tried {
		if trial.steps == steps {
			return 0
		}
	}
	return steps
}

// nextConfirmation is a step down from what did not hold, 0 when there is no more to try.
func nextConfirmation(tried []trial) int {
	if last := tried[len(tried)-1]; !last.holds() && len(tried) < confirmationsMax {
		return max(0, last.steps-confirmationStep)
	}
	return 0
}

// choose is the highest rate that holds, or if none does the lowest.
func choose(tried []trial) trial {
	best := tried[0]
	for _, trial := range tried[1:] {
		switch {
		case trial.holds() && (!best.holds() || trial.steps > best.steps),
			!trial.holds() && !best.holds() && trial.steps < best.steps:
			best = trial
		}
	}
	return best
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
		figures[sustainedPerSecond] = t.second.perSecond
	}
	figures["sustained_asked_per_s"] = float64(t.perSecond)
	figures["sustained_age_p99_ms"] = milliseconds(t.second.ageP99)
	figures["sustained_settle_p50_ms"] = milliseconds(t.second.p50)
	figures["sustained_settle_p99_ms"] = milliseconds(t.second.p99)
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
