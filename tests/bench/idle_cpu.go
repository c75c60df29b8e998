package main

import (
	"context"
	"strings"
	"time"

	"orderspayments/tests/bench/report"
)

// idleCPU is row 14: what the processes of ours use while nobody wants anything. Postgres and
// RabbitMQ, not ours, are figures of their own.
func (b *bench) idleCPU(ctx context.Context, figures report.Figures) error {
	used, err := b.use(func() error {
		select {
		case <-time.After(b.idle):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err != nil {
		return err
	}
	figures[idleCPU] = 0
	for part, cpu := range used {
		percent := 100 * cpu.Seconds() / b.idle.Seconds()
		figures["idle_cpu_percent_"+part] = percent
		if !strings.HasPrefix(part, "infrastructure:") {
			figures[idleCPU] += percent
		}
	}
	b.say("  %.2f %% of a core", figures[idleCPU])
	return nil
}
