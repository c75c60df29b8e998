// Package checker judges a run of the system. It knows only what callers asked and were told,
// and what is in both databases once all is quiet; it replays the former against a small model of its
// own and compares.
package checker

import (
	"fmt"
	"strings"

	"orderspayments/tests/chaos/journal"
)

// Class is what kind of promise a finding breaks.
type Class string

// Lost: acknowledged, and not there, or never brought to an end. Duplicated: done more than once.
// Unexpected: an answer that was not allowed, or a row that is not as callers were told.
const (
	Lost       Class = "lost"
	Duplicated Class = "duplicated"
	Unexpected Class = "unexpected"
)

// Finding is one broken promise.
type Finding struct {
	Class Class  `json:"class"`
	Text  string `json:"text"`
}

// Verdict counts writes, each with all its attempts as one, unless it says otherwise.
type Verdict struct {
	Calls        int // of any kind
	Unanswered   int // calls whose outcome was not told: no answer, or 502, 503, 504
	Attempted    int
	Acknowledged int
	OK           int // acknowledged, and nothing was found against it
	Recovered    int // first unanswered, then resolved by trying again
	Found        int // never answered, and done
	NotDone      int // never answered, and not done
	Findings     []Finding
}

// Count is the number of findings of the class.
func (v *Verdict) Count(class Class) int {
	count := 0
	for _, finding := range v.Findings {
		if finding.Class == class {
			count++
		}
	}
	return count
}

func (v *Verdict) String() string {
	return fmt.Sprintf("attempted %d, acknowledged %d, ok %d, lost %d, unexpected %d, duplicated %d, recovered %d\n"+
		"never answered: %d done, %d not done; calls %d, of which %d unanswered",
		v.Attempted, v.Acknowledged, v.OK, v.Count(Lost), v.Count(Unexpected), v.Count(Duplicated), v.Recovered,
		v.Found, v.NotDone, v.Calls, v.Unanswered)
}

func (v *Verdict) add(class Class, format string, arguments ...any) {
	v.Findings = append(v.Findings, Finding{class, fmt.Sprintf(format, arguments...)})
}

// tell is a call as a finding shows it.
func tell(call *journal.Call) string {
	text := fmt.Sprintf("%.3f s %s %s %s", call.Start.Seconds(), call.User, call.Method, call.Path)
	if call.Key != "" {
		text += " key " + call.Key
	}
	answer := call.Answer
	if call.Status == 0 {
		answer = call.Failure
	}
	return fmt.Sprintf("%s %s: %d %s", text, call.Body, call.Status, strings.TrimSpace(shorten(answer)))
}

const answerBytesShown = 400

func shorten(text string) string {
	if len(text) <= answerBytesShown {
		return text
	}
	return text[:answerBytesShown] + "..."
}
