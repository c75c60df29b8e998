// Operator is for who runs the system: `audit` certifies that its books are right, `redrive`
// handles dead letters. Settings are those of deploy/local/settings.sh, and the command's own.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// What the process ends with.
const (
	exitHolds   = 0
	exitBroken  = 1
	exitUnknown = 2 // not all could be read or done
)

const usage = "usage: operator audit|redrive"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

func run(ctx context.Context, arguments []string, getenv func(string) string, out, log io.Writer) int {
	commands := map[string]func(context.Context, func(string) string, io.Writer) (int, error){
		"audit":   runAudit,
		"redrive": runRedrive,
	}
	if len(arguments) != 1 || commands[arguments[0]] == nil {
		fmt.Fprintln(log, usage)
		return exitUnknown
	}
	code, err := commands[arguments[0]](ctx, getenv, out)
	if err != nil {
		fmt.Fprintf(log, "%s: %v\n", arguments[0], err)
	}
	return code
}
