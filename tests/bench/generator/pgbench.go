package generator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Pgbench runs a script's transaction on a database, with prepared statements.
type Pgbench struct {
	// Environment says where the database is, by libpq's variables: PGHOST=...
	Environment []string
	Script      string
	Clients     int
	Duration    time.Duration
}

// Transactions is what pgbench found.
type Transactions struct {
	Done      int
	PerSecond float64
	CPU       time.Duration // of pgbench itself
}

// Run is a closed loop for the duration, on one thread.
func (p Pgbench) Run(ctx context.Context) (Transactions, error) {
	output, cpu, err := p.run(ctx)
	if err != nil {
		return Transactions{}, err
	}
	transactions, err := parsePgbench(output)
	transactions.CPU = cpu
	return transactions, err
}

// Latencies makes a transaction each interval on average, for the duration, and tells how
// long each took.
func (p Pgbench) Latencies(ctx context.Context, dir string, interval time.Duration) ([]time.Duration, error) {
	prefix := filepath.Join(dir, "pgbench_log")
	perSecond := float64(time.Second) / float64(interval)
	_, _, err := p.run(ctx, "--rate", fmt.Sprint(perSecond), "--log", "--log-prefix", prefix)
	logs, globErr := filepath.Glob(prefix + ".*")
	if err := errors.Join(err, globErr); err != nil {
		return nil, err
	}
	var took []time.Duration
	for _, log := range logs {
		text, err := os.ReadFile(log)
		if err == nil {
			var more []time.Duration
			more, err = parsePgbenchLog(string(text))
			took = append(took, more...)
		}
		if err := errors.Join(err, os.Remove(log)); err != nil {
			return nil, err
		}
	}
	if len(took) == 0 {
		return nil, fmt.Errorf("pgbench logged no transaction to %s", prefix)
	}
	return took, nil
}

func (p Pgbench) run(ctx context.Context, more ...string) (string, time.Duration, error) {
	arguments := append([]string{
		"--no-vacuum", "--protocol", "prepared", "--jobs", "1", "--client", fmt.Sprint(p.Clients),
		"--time", fmt.Sprint(wholeSeconds(p.Duration)), "--file", p.Script,
	}, more...)
	return run(ctx, p.Environment, "pgbench", arguments...)
}

var (
	pgbenchDone = regexp.MustCompile(`(?m)^number of transactions actually processed: (\d+)`)
	pgbenchRate = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)
)

func parsePgbench(output string) (Transactions, error) {
	done, rate := pgbenchDone.FindStringSubmatch(output), pgbenchRate.FindStringSubmatch(output)
	if done == nil || rate == nil {
		return Transactions{}, fmt.Errorf("pgbench does not say how many transactions it made: %s", output)
	}
	count, countErr := strconv.Atoi(done[1])
	perSecond, rateErr := strconv.ParseFloat(rate[1], 64)
	if err := errors.Join(countErr, rateErr); err != nil {
		return Transactions{}, err
	}
	if count == 0 {
		return Transactions{}, fmt.Errorf("pgbench made no transaction: %s", output)
	}
	return Transactions{Done: count, PerSecond: perSecond}, nil
}

// parsePgbenchLog reads lines of: client, transaction, took us, script, epoch s, us, lag us.
// What a transaction took is told from when it was due; the lag is how late it began.
func parsePgbenchLog(log string) ([]time.Duration, error) {
	var all []time.Duration
	for line := range strings.Lines(log) {
		var client, transaction, took, script, epoch, micros, lag int64
		if _, err := fmt.Sscan(line, &client, &transaction, &took, &script, &epoch, &micros, &lag); err != nil {
			return nil, fmt.Errorf("pgbench log %q: %w", line, err)
		}
		all = append(all, time.Duration(took-lag)*time.Microsecond)
	}
	return all, nil
}
