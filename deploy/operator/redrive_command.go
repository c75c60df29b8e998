package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"orderspayments/deploy/operator/audit"
	"orderspayments/deploy/operator/redrive"
)

const (
	lettersMaxDefault = 1000
	// lettersMaxLimit is what a dead-letter queue holds.
	lettersMaxLimit = 100_000
	// shownBytes of an event's payload are printed.
	shownBytes = 24
)

// redriveSettings are QUEUE, a work queue or its dead-letter queue, all unless given; CONFIRM,
// yes to send letters back instead of showing them; MAX, letters of each queue.
type redriveSettings struct {
	queues     []string
	send       bool
	lettersMax int
}

func loadRedriveSettings(getenv func(string) string) (redriveSettings, error) {
	s := redriveSettings{queues: audit.DeadLetterQueues, lettersMax: lettersMaxDefault}
	var errs []error
	if queue := getenv("QUEUE"); queue != "" {
		s.queues = []string{strings.TrimSuffix(queue, ".dlq") + ".dlq"}
		if !slices.Contains(audit.DeadLetterQueues, s.queues[0]) {
			errs = append(errs, fmt.Errorf("QUEUE=%q: must be one of %s", queue, strings.Join(audit.DeadLetterQueues, ", ")))
		}
	}
	switch confirm := getenv("CONFIRM"); confirm {
	case "":
	case "yes":
		s.send = true
		if getenv("QUEUE") == "" {
			errs = append(errs, errors.New("CONFIRM=yes needs a QUEUE"))
		}
	default:
		errs = append(errs, fmt.Errorf("CONFIRM=%q: must be yes, or nothing", confirm))
	}
	if text := getenv("MAX"); text != "" {
		var err error
		if s.lettersMax, err = strconv.Atoi(text); err != nil || s.lettersMax < 1 || s.lettersMax > lettersMaxLimit {
			errs = append(errs, fmt.Errorf("MAX=%q: must be a number of letters, 1 to %d", text, lettersMaxLimit))
		}
	}
	return s, errors.Join(errs...)
}

func runRedrive(ctx context.Context, getenv func(string) string, out io.Writer) (code int, err error) {
	s, err := loadRedriveSettings(getenv)
	if err != nil {
		return exitUnknown, err
	}
	session, err := redrive.Open(ctx, audit.SourcesOf(getenv).Broker)
	if err != nil {
		return exitUnknown, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	if s.send {
		sent, err := session.Redrive(ctx, s.queues[0], s.lettersMax)
		fmt.Fprintf(out, "%d letters of %s sent back to work\n", sent, s.queues[0])
		if errors.Is(err, redrive.ErrRefused) {
			return exitBroken, err
		}
		return codeOf(err), err
	}
	for _, queue := range s.queues {
		if err := showLetters(session, queue, s.lettersMax, out); err != nil {
			return exitUnknown, err
		}
	}
	return exitHolds, nil
}

func codeOf(err error) int {
	if err != nil {
		return exitUnknown
	}
	return exitHolds
}

func showLetters(session *redrive.Session, queue string, lettersMax int, out io.Writer) error {
	reasons := map[string]int{}
	shown := 0
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	there, err := session.Show(queue, lettersMax, func(letter redrive.Letter) error {
		if shown++; shown == 1 {
			fmt.Fprintln(table, "letter\treason\tdied\tsent back\ttype\tevent\torder\tfirst bytes")
		}
		reasons[letter.Reason]++
		for _, event := range letter.Events {
			_, err := fmt.Fprintf(table, "%d\t%s\t%s\t%d\t%q\t%q\t%q\t%q\n", shown, letter.Reason, age(letter.Died), letter.Redriven,
				letter.Type, event.ID, event.OrderID, event.Payload[:min(shownBytes, len(event.Payload))])
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", queue, err)
	}
	fmt.Fprintf(out, "%s: %d letters", queue, there)
	if shown < there {
		fmt.Fprintf(out, ", the first %d", shown)
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(out, ", %d %s", reasons[reason], reason)
	}
	fmt.Fprintln(out)
	if err := table.Flush(); err != nil {
		return err
	}
	if there > 0 {
		fmt.Fprintf(out, "To send them back to work: make redrive QUEUE=%s CONFIRM=yes\n", strings.TrimSuffix(queue, ".dlq"))
	}
	return nil
}

func age(died time.Time) string {
	if died.IsZero() {
		return "-"
	}
	return time.Since(died).Round(time.Second).String() + " ago"
}
