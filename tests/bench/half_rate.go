package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"orderspayments/tests/bench/report"
)

// halfRate is row 6, latencies when there is room. A probe on the system's disk goes along:
// where that is slow by itself the minute is void.
func (b *bench) halfRate(ctx context.Context, figures report.Figures) error {
	probing, stop := context.WithCancel(ctx)
	defer stop()
	var syncs []time.Duration
	probed := make(chan error, 1)
	go func() {
		var err error
		syncs, err = probeDisk(probing, filepath.Join(b.localDir, "data", "bench-probe"))
		probed <- err
	}()
	trial, err := b.try(ctx, load{perSecond: b.half(), lasting: b.pace.half, users: b.users})
	stop()
	if err := errors.Join(err, <-probed); err != nil {
		return err
	}
	if len(syncs) == 0 {
		return fmt.Errorf("the disk was not probed")
	}
	whole, err := b.settling(ctx, trial.start, trial.start, trial.start.Add(trial.lasting))
	if err != nil {
		return err
	}
	syncP99 := report.Percentile(syncs, 99)
	figures[halfVoid] = 0
	if syncP99 > syncP99Max {
		figures[halfVoid] = 1
	}
	figures[halfPostP99] = milliseconds(trial.attack.P99)
	figures[halfPostMax] = milliseconds(trial.attack.Max)
	figures[halfSettleP99] = milliseconds(whole.p99)
	figures[halfSettleMax] = milliseconds(whole.max)
	figures["half_asked_per_s"] = float64(trial.perSecond)
	figures["half_not_made"] = float64(trial.attack.Sent - trial.attack.Made)
	figures["half_sync_p99_ms"] = milliseconds(syncP99)
	figures["half_sync_max_ms"] = milliseconds(report.Percentile(syncs, 100))
	b.say("  %v; at most POST %.0f ms, settle %.0f ms; fdatasync p99 %.2f ms, at most %.0f ms", trial,
		figures[halfPostMax], figures[halfSettleMax], figures["half_sync_p99_ms"], figures["half_sync_max_ms"])
	return nil
}

// half is half of row 2's rate.
func (b *bench) half() int { return max(1, b.rate/2) }

// probeDisk writes a page to disk at a fixed pace, and tells how long each took. It ends, the
// file with it, with the context.
func probeDisk(ctx context.Context, path string) (took []time.Duration, err error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(path)) }()
	page := make([]byte, os.Getpagesize())
	pace := time.NewTicker(syncInterval)
	defer pace.Stop()
	for {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return took, nil
		}
		start := time.Now()
		_, err := file.WriteAt(page, 0)
		if err := errors.Join(err, unix.Fdatasync(int(file.Fd()))); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
	}
}
