package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"orderspayments/tests/bench/generator"
	"orderspayments/tests/bench/report"
	"orderspayments/tests/support"
)

const paymentsService = "services:payments-service"

// acceptBurst is row 1: orders as fast as they are accepted, whatever piles up behind.
func (b *bench) acceptBurst(ctx context.Context, figures report.Figures) error {
	return b.burst(ctx, figures, "burst", b.create)
}

// acceptAlone is row 1 with payments stopped: nothing but accepting.
func (b *bench) acceptAlone(ctx context.Context, figures report.Figures) error {
	if err := b.control(ctx, "stop"); err != nil {
		return err
	}
	alone, err := b.create(ctx)
	// Its backlog has to drain in any case.
	if err := errors.Join(err, b.startPayments(ctx)); err != nil {
		return err
	}
	figures[burstAlonePerSecond] = alone.perSecond()
	figures["burst_without_payments_refused"] = float64(alone.Refused)
	b.say("  %v", alone)
	return support.Within(ctx, startTimeout, func(ctx context.Context) error { return support.Healthy(ctx, support.PaymentsURL) })
}

// closedLoop is what wrk found.
type closedLoop struct{ generator.Burst }

func (l closedLoop) made() int { return l.Answered - l.Refused }

func (l closedLoop) perSecond() float64 { return float64(l.made()) / l.Took.Seconds() }

func (l closedLoop) generatorPercent() float64 { return ofMachine(l.CPU, l.Took) }

func (l closedLoop) String() string {
	return fmt.Sprintf("%.0f/s, p50 %v, p99 %v, %d refused, %d broken, generator %.0f %% of the machine",
		l.perSecond(), l.P50, l.P99, l.Refused, l.Broken, l.generatorPercent())
}

// burst makes orders, and waits for those that are NEW at its end; name begins its figures.
func (b *bench) burst(ctx context.Context, figures report.Figures, name string, create func(context.Context) (closedLoop, error)) error {
	burst, err := create(ctx)
	if err != nil {
		return err
	}
	end := time.Now()
	if err := b.drain(ctx); err != nil {
		return err
	}
	drain := time.Since(end)
	figures[name+acceptedPerSecond] = burst.perSecond()
	figures[name+drainedPerSecond] = float64(burst.made()) / (burst.Took + drain).Seconds()
	figures[name+"_refused"] = float64(burst.Refused)
	figures[name+"_drain_s"] = drain.Seconds()
	figures[name+"_generator_percent"] = burst.generatorPercent()
	b.say("  %v, drained in %v", burst, drain.Round(time.Millisecond))
	return nil
}

func (b *bench) create(ctx context.Context) (closedLoop, error) {
	return b.closedLoop(ctx, b.pace.burst, append([]string{"create"}, b.users...))
}

func (b *bench) closedLoop(ctx context.Context, duration time.Duration, arguments []string) (closedLoop, error) {
	burst, err := generator.Wrk{
		URL: support.OrdersURL, Connections: connections, Duration: duration, Script: "tests/bench/orders.lua", Arguments: arguments,
	}.Run(ctx)
	loop := closedLoop{burst}
	if err == nil && loop.made() <= 0 {
		err = fmt.Errorf("no request succeeded: %v", loop)
	}
	return loop, err
}

// ofMachine is how much of all cores a CPU time was, in percent.
func ofMachine(cpu, during time.Duration) float64 {
	return 100 * cpu.Seconds() / during.Seconds() / float64(runtime.NumCPU())
}

// control stops or starts the payments service, and returns when that is done.
func (b *bench) control(ctx context.Context, command string) error {
	output, err := exec.CommandContext(ctx, "supervisorctl", "-c", b.supervisor(), command, paymentsService).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("supervisorctl %s %s: %w: %s", command, paymentsService, err, output)
	}
	return err
}

// startPayments after a stop; the process is another one.
func (b *bench) startPayments(ctx context.Context) error {
	return errors.Join(b.control(ctx, "start"), b.findParts(ctx))
}
