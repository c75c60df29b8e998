package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// Print writes the results as a table for people.
func Print(out io.Writer, results []Result) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "row\twhat\tunit\tmedian (min .. max)\tyardstick\tratio\ttarget\tverdict")
	for _, result := range results {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", result.Row, result.what(), result.Unit, result.values(),
			result.yardstick(), number(Median(result.Ratios)), join(result.Targets, Target.String), join(result.Targets, result.verdict))
	}
	return table.Flush()
}

func (r Result) what() string {
	if r.DidNotHold {
		return r.What + ", which did not hold"
	}
	return r.What
}

func (r Result) values() string {
	if len(r.Values) == 0 {
		return number(math.NaN())
	}
	return fmt.Sprintf("%s (%s .. %s)", number(Median(r.Values)), number(slices.Min(r.Values)), number(slices.Max(r.Values)))
}

func (r Result) yardstick() string {
	if len(r.Yardsticks) == 0 {
		return number(math.NaN())
	}
	return fmt.Sprintf("%s %s", r.Yardstick, number(Median(r.Yardsticks)))
}

func (r Result) verdict(target Target) string { return string(r.Judge(target)) }

func join(targets []Target, show func(Target) string) string {
	if len(targets) == 0 {
		return "-"
	}
	shown := make([]string, len(targets))
	for i, target := range targets {
		shown[i] = show(target)
	}
	return strings.Join(shown, ", ")
}

// number has three digits that count, or all before the point.
func number(value float64) string {
	switch size := math.Abs(value); {
	case math.IsNaN(value):
		return "-"
	case size >= 100:
		return fmt.Sprintf("%.0f", value)
	case size >= 10:
		return fmt.Sprintf("%.1f", value)
	default:
		return fmt.Sprintf("%.2f", value)
	}
}

// Receipt says what an order costs, in us of CPU time: each part's figure, in their order.
func Receipt(rounds []Figures, parts []string, figureOf func(part string) string) string {
	sum := 0.0
	shown := make([]string, len(parts))
	for i, part := range parts {
		var values []float64
		for _, round := range rounds {
			values = append(values, round[figureOf(part)])
		}
		cost := Median(values)
		sum += cost
		shown[i] = fmt.Sprintf("%s %.0f", part, cost)
	}
	return fmt.Sprintf("an order costs %.0f us: %s", sum, strings.Join(shown, ", "))
}
