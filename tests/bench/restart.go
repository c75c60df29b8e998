package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"orderspayments/tests/bench/report"
)

// restart is row 12: the system, built and stopped, is started again.
func (b *bench) restart(ctx context.Context, figures report.Figures) error {
	if err := b.command(ctx, "deploy/local/down.sh"); err != nil {
		return err
	}
	start := time.Now()
	if err := b.command(ctx, "deploy/local/up.sh"); err != nil {
		return err
	}
	figures[restartTook] = time.Since(start).Seconds()
	b.say("  healthy after %.1f s", figures[restartTook])
	// No connection has survived.
	b.orders.Reset()
	return b.findParts(ctx)
}

// command writes to a file: what it starts would keep a pipe open.
func (b *bench) command(ctx context.Context, script string) error {
	path := filepath.Join(b.dir, filepath.Base(script)+".log")
	log, err := os.Create(path)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.CommandContext(ctx, script)
	command.Stdout, command.Stderr = log, log
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w, see %s", script, err, path)
	}
	return nil
}
