package generator

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Wrk is a closed loop: each connection sends its next request when the last is answered.
type Wrk struct {
	URL         string
	Connections int
	Duration    time.Duration
	// Script ends with a line of JSON as orders.lua writes it.
	Script    string
	Arguments []string
}

// Burst is what became of a closed loop's requests.
type Burst struct {
	Sent     int
	Answered int // with any status
	Refused  int // with 400 or above
	Broken   int // connections that failed, and answers that came too late
	Took     time.Duration
	P50, P99 time.Duration
	Max      time.Duration
	CPU      time.Duration // of the generator
}

// Paced is an open loop over wrk: it sends at a fixed rate, whatever becomes of what it sent
// before, as long as a connection is free.
type Paced struct {
	Wrk
	PerSecond int
}

// Run returns when the time is over; what is not answered then is counted as sent alone.
func (p Paced) Run(ctx context.Context) (Attack, error) {
	wrk := p.Wrk
	wrk.Arguments = append([]string{fmt.Sprint(p.PerSecond)}, p.Arguments...)
	burst, err := wrk.Run(ctx)
	if err != nil {
		return Attack{}, err
	}
	return burst.attack(), nil
}

func (b Burst) attack() Attack {
	attack := Attack{
		Sent: b.Answered + b.Broken, Made: b.Answered - b.Refused, Others: map[string]int{},
		PerSecond: float64(b.Sent) / b.Took.Seconds(), P50: b.P50, P99: b.P99, Max: b.Max, CPU: b.CPU,
	}
	for name, count := range map[string]int{"refused": b.Refused, "broken": b.Broken} {
		if count > 0 {
			attack.Others[name] = count
		}
	}
	return attack
}

// Run returns when the time is over; what is not answered then is not counted.
func (w Wrk) Run(ctx context.Context) (Burst, error) {
	arguments := []string{
		"--threads", "1", "--connections", fmt.Sprint(w.Connections), "--duration", seconds(w.Duration),
		"--timeout", seconds(answerTimeout), "--script", w.Script, w.URL, "--",
	}
	output, cpu, err := run(ctx, nil, "wrk", append(arguments, w.Arguments...)...)
	if err != nil {
		return Burst{}, err
	}
	burst, err := parseWrk(output)
	burst.CPU = cpu
	return burst, err
}

func parseWrk(output string) (Burst, error) {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	var found struct {
		Sent, Answered, Refused, Broken int

		Took int64 `json:"took_us"`
		P50  int64 `json:"p50_us"`
		P99  int64 `json:"p99_us"`
		Max  int64 `json:"max_us"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &found); err != nil || found.Took <= 0 {
		return Burst{}, fmt.Errorf("wrk does not end with what it found: %s", output)
	}
	return Burst{
		Sent: found.Sent, Answered: found.Answered, Refused: found.Refused, Broken: found.Broken,
		Took: time.Duration(found.Took) * time.Microsecond, P50: time.Duration(found.P50) * time.Microsecond,
		P99: time.Duration(found.P99) * time.Microsecond, Max: time.Duration(found.Max) * time.Microsecond,
	}, nil
}

// answerTimeout is longer than any answer of a gateway takes: its own limit is 10 s.
const answerTimeout = 15 * time.Second

// seconds is a duration as the tools take it; none is shorter than a second.
func seconds(duration time.Duration) string { return fmt.Sprintf("%ds", wholeSeconds(duration)) }

func wholeSeconds(duration time.Duration) int { return max(1, int(duration/time.Second)) }
