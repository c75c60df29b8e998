package report

import (
	"fmt"
	"math"
	"slices"
)

// Figures are what a round measured, by name; the unit is the name's end.
type Figures map[string]float64

// Line is one line of the table: a figure, and what it is compared with.
type Line struct {
	Row    int
	What   string
	Unit   string
	Figure string
	// Against is the figure that is the yardstick, Yardstick how it is called; may be empty.
	Against   string
	Yardstick string
	// Void is a figure that is above 0 in rounds whose value does not count, Holds one that is 0
	// where a rate did not hold; may be empty.
	Void, Holds string
	// Targets may be none: the line only tells.
	Targets []Target
}

// Target is a bound on the value or on its ratio to the yardstick.
type Target struct {
	Bound float64
	Most  bool // at most the bound, else at least
	Ratio bool
}

// Verdict on a target, by the medians.
type Verdict string

// Verdicts. Open is a ratio whose yardstick was not measured, Void what no round counts for.
const (
	Met    Verdict = "met"
	Missed Verdict = "missed"
	Open   Verdict = "open"
	Void   Verdict = "void"
)

// Result is a line with what was measured, a value for each round that measured it.
type Result struct {
	Line
	Values     []float64 // empty if all rounds are void
	Yardsticks []float64 // empty if one was not measured
	Ratios     []float64 // to the yardstick of the same round
	DidNotHold bool      // in a round at least
}

// Measured tells whether a round has the line's figure.
func (l Line) Measured(rounds []Figures) bool {
	return slices.ContainsFunc(rounds, func(round Figures) bool { return has(round, l.Figure) })
}

// Of takes the line's values from the rounds that have its figure and are not void.
func (l Line) Of(rounds []Figures) Result {
	result := Result{Line: l}
	for _, round := range rounds {
		value, found := round[l.Figure]
		if !found || round[l.Void] > 0 {
			continue
		}
		result.Values = append(result.Values, value)
		if holds, told := round[l.Holds]; told && holds == 0 {
			result.DidNotHold = true
		}
		if yardstick := round[l.Against]; yardstick > 0 {
			result.Yardsticks = append(result.Yardsticks, yardstick)
			result.Ratios = append(result.Ratios, value/yardstick)
		}
	}
	return result
}

func has(round Figures, name string) bool {
	_, found := round[name]
	return found
}

// Judge says whether the median keeps to the target.
func (r Result) Judge(target Target) Verdict {
	median := Median(r.judged(target))
	switch {
	case len(r.Values) == 0:
		return Void
	case math.IsNaN(median):
		return Open
	case target.Most && median <= target.Bound, !target.Most && median >= target.Bound:
		return Met
	default:
		return Missed
	}
}

// Attained is each round's part of the target: 1 and more meets it.
func (r Result) Attained(target Target) []float64 {
	var parts []float64
	for _, value := range r.judged(target) {
		if target.Most {
			parts = append(parts, target.Bound/value)
		} else {
			parts = append(parts, value/target.Bound)
		}
	}
	return parts
}

func (r Result) judged(target Target) []float64 {
	if target.Ratio {
		return r.Ratios
	}
	return r.Values
}

// String is the target as the table shows it: ">= 0.65 x".
func (t Target) String() string {
	sign, of := ">=", ""
	if t.Most {
		sign = "<="
	}
	if t.Ratio {
		of = " x"
	}
	return fmt.Sprintf("%s %v%s", sign, t.Bound, of)
}
