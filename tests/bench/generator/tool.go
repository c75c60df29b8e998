// Package generator runs the tools that make load, wrk, vegeta and pgbench, and reads what
// they found.
package generator

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// stopTimeout is from the signal that ends a tool to the one that kills it.
const stopTimeout = 5 * time.Second

// run gives a tool's output and the CPU time it used. It ends with its context.
func run(ctx context.Context, environment []string, name string, arguments ...string) (string, time.Duration, error) {
	command := exec.CommandContext(ctx, name, arguments...)
	command.Env = append(os.Environ(), environment...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopTimeout
	var complaints strings.Builder
	command.Stderr = &complaints
	output, err := command.Output()
	if ctx.Err() != nil {
		return "", 0, ctx.Err()
	}
	if err != nil {
		return "", 0, fmt.Errorf("%s: %w: %s%s", name, err, output, complaints.String())
	}
	return string(output), command.ProcessState.UserTime() + command.ProcessState.SystemTime(), nil
}
