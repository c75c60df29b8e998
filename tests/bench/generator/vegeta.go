package generator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// workersMax is how many requests may be unanswered before the rate is no longer kept.
const workersMax = 4096

// successes are the answers to a POST and to a GET.
var successes = []string{"201", "200"}

// Request is one of those that an open loop sends in turn. Its form is vegeta's.
type Request struct {
	Method string              `json:"method"`
	URL    string              `json:"url"`
	Header map[string][]string `json:"header"`
	Body   []byte              `json:"body,omitempty"`
}

// Vegeta is an open loop: it sends at a fixed rate, whatever becomes of what it sent before.
type Vegeta struct {
	Requests  []Request
	PerSecond int
	Duration  time.Duration
	// Program is vegeta's binary, Dir an existing folder for what it writes.
	Program, Dir string
}

// Attack is what became of an open loop's requests.
type Attack struct {
	Sent      int            // and answered, or failed
	Made      int            // answered with 201, or 200
	Others    map[string]int // all others, by status or by what became of them
	PerSecond float64        // the rate that was reached
	P50, P95  time.Duration  // P95 is vegeta's alone
	P99, Max  time.Duration
	CPU       time.Duration // of the generator
}

// Run returns when the time is over and every request is answered or has failed.
func (v Vegeta) Run(ctx context.Context) (Attack, error) {
	targets := filepath.Join(v.Dir, "targets.json")
	results := filepath.Join(v.Dir, "results.bin")
	defer os.Remove(targets)
	defer os.Remove(results)
	if err := v.writeTargets(targets); err != nil {
		return Attack{}, err
	}
	_, cpu, err := run(ctx, nil, v.Program, "attack", "-format", "json", "-targets", targets, "-output", results,
		"-rate", fmt.Sprintf("%d/1s", v.PerSecond), "-duration", seconds(v.Duration), "-timeout", seconds(answerTimeout),
		"-max-workers", fmt.Sprint(workersMax), "-max-body", "0", "-redirects", "-1")
	if err != nil {
		return Attack{}, err
	}
	report, _, err := run(ctx, nil, v.Program, "report", "-type", "json", results)
	if err != nil {
		return Attack{}, err
	}
	attack, err := parseVegeta(report)
	attack.CPU = cpu
	return attack, err
}

func (v Vegeta) writeTargets(path string) error {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, request := range v.Requests {
		if err := encoder.Encode(request); err != nil {
			return err
		}
	}
	return os.WriteFile(path, lines.Bytes(), 0o644)
}

func parseVegeta(report string) (Attack, error) {
	var found struct {
		Requests  int
		Rate      float64
		Latencies struct {
			P50 time.Duration `json:"50th"`
			P95 time.Duration `json:"95th"`
			P99 time.Duration `json:"99th"`
			Max time.Duration
		}
		StatusCodes map[string]int `json:"status_codes"`
	}
	if err := json.Unmarshal([]byte(report), &found); err != nil {
		return Attack{}, fmt.Errorf("vegeta report: %w: %s", err, report)
	}
	if found.Requests == 0 {
		return Attack{}, fmt.Errorf("vegeta sent nothing: %s", report)
	}
	made := 0
	for _, status := range successes {
		made += found.StatusCodes[status]
		delete(found.StatusCodes, status)
	}
	took := found.Latencies
	return Attack{
		Sent: found.Requests, Made: made, Others: found.StatusCodes, PerSecond: found.Rate,
		P50: took.P50, P95: took.P95, P99: took.P99, Max: took.Max,
	}, nil
}
