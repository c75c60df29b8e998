// Command bench measures the system that tests/bench/run.sh started for it, each row beside its
// yardstick, prints a table and writes report.json and report.svg. It ends with 0 when all that
// was asked for could be measured and the books are right afterwards, whatever the figures are.
// "bench check" only looks at the settings.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"orderspayments/deploy/operator/audit"
	"orderspayments/tests/bench/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, getenv func(string) string, out io.Writer) error {
	settings, err := settingsOf(getenv)
	if err != nil || slices.Equal(arguments, []string{"check"}) {
		return err
	}
	b, err := openBench(ctx, settings, audit.SourcesOf(getenv), out)
	if err != nil {
		return err
	}
	defer b.close()
	document := report.Document{Start: time.Now().UTC(), Pace: b.pace.name}
	if document.Machine, err = b.machine(ctx); err != nil {
		return err
	}
	if document.Rounds, err = b.rounds(ctx); err != nil {
		return err
	}
	verdict := b.certify(ctx)
	document.Audit = "HOLDS"
	if verdict != nil {
		document.Audit = verdict.Error()
	}
	document.Took = time.Since(document.Start).Seconds()
	return errors.Join(b.show(document), verdict)
}

// certify fails unless the books are right. The system must be at rest.
func (b *bench) certify(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, auditTimeout)
	defer cancel()
	certificate, err := b.audit.Check(ctx, audit.Expectation{})
	if err != nil {
		return fmt.Errorf("UNKNOWN: %w", err)
	}
	if !certificate.Holds() {
		return fmt.Errorf("BROKEN: %w", certificate.Err())
	}
	return nil
}

// show prints the table, writes the files, and ends with the receipt.
func (b *bench) show(document report.Document) error {
	var results []report.Result
	for _, line := range lines {
		if line.Measured(document.Rounds) {
			results = append(results, line.Of(document.Rounds))
		}
	}
	b.say("\npace: %s", b.pace.name)
	if err := report.Print(b.out, results); err != nil {
		return err
	}
	if _, measured := document.Rounds[0][sustainedCPU]; measured {
		document.Receipt = report.Receipt(document.Rounds, costParts, costFigure)
	}
	if err := document.Write(b.dir, results); err != nil {
		return err
	}
	b.say("audit: %s; %s/report.json and report.svg are written", document.Audit, b.dir)
	if document.Receipt != "" {
		b.say("%s", document.Receipt)
	}
	return nil
}
