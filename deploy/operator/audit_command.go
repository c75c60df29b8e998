package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"orderspayments/deploy/operator/audit"
)

const (
	// auditTimeout bounds an audit: a snapshot that is held for long keeps dead rows from
	// being cleaned up.
	auditTimeout = 10 * time.Minute
	// settleWithin is when an order that is NEW, or an event that waits, counts as stuck.
	settleWithin = 15 * time.Minute
	quietPoll    = 200 * time.Millisecond
)

// runAudit prints a certificate. WAIT, a duration, is for a system that nobody uses: it is
// given that long to come to rest, and after it nothing may be on its way.
// SETTLE_WITHIN is how long it may be otherwise.
func runAudit(ctx context.Context, getenv func(string) string, out io.Writer) (int, error) {
	wait, waitErr := durationSetting(getenv, "WAIT", 0)
	within, withinErr := durationSetting(getenv, "SETTLE_WITHIN", settleWithin)
	if err := errors.Join(waitErr, withinErr); err != nil {
		return exitUnknown, err
	}
	ctx, cancel := context.WithTimeout(ctx, wait+auditTimeout)
	defer cancel()
	auditor, err := audit.Open(ctx, audit.SourcesOf(getenv))
	if err != nil {
		return exitUnknown, err
	}
	defer auditor.Close()
	if wait > 0 {
		awaitQuiet(ctx, auditor, wait)
		within = 0
	}
	start := time.Now()
	certificate, err := auditor.Check(ctx, audit.Expectation{SettleWithin: within})
	if err != nil {
		fmt.Fprintln(out, "UNKNOWN: not all could be read")
		return exitUnknown, err
	}
	if err := certificate.Print(out); err != nil {
		return exitUnknown, err
	}
	code, verdict := exitHolds, "HOLDS"
	if !certificate.Holds() {
		code, verdict = exitBroken, "BROKEN"
	}
	_, err = fmt.Fprintf(out, "%s, read in %v\n", verdict, time.Since(start).Round(time.Millisecond))
	return code, err
}

// awaitQuiet gives up after the wait: what is still on its way then, the audit finds.
func awaitQuiet(ctx context.Context, auditor *audit.Audit, wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	ticker := time.NewTicker(quietPoll)
	defer ticker.Stop()
	for auditor.Quiet(ctx) != nil {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func durationSetting(getenv func(string) string, name string, fallback time.Duration) (time.Duration, error) {
	text := getenv(name)
	if text == "" {
		return fallback, nil
	}
	value, err := time.ParseDuration(text)
	if err != nil || value <= 0 {
		return 0, fmt.Errorf("%s=%q: must be a positive duration, such as 30s", name, text)
	}
	return value, nil
}
