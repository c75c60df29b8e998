package audit

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// examplesMax bounds what a finding remembers of what is broken.
const examplesMax = 5

// Finding is one promise: how often it was looked at and how often it does not hold.
type Finding struct {
	// Invariant is I1 to I7.
	Invariant string
	Claim     string
	Checked   int64
	Broken    int64
	// InFlight of what was checked is on its way, so that it can not be judged yet.
	InFlight int64
	Examples []string
}

// Certificate is what an audit found.
type Certificate struct {
	Findings []*Finding
}

// Holds says whether no promise is broken.
func (c *Certificate) Holds() bool { return c.Err() == nil }

// Err names each promise that is broken.
func (c *Certificate) Err() error {
	var broken []error
	for _, finding := range c.Findings {
		if finding.Broken != 0 {
			broken = append(broken, fmt.Errorf("%s, %s: %d of %d broken, such as %s", finding.Invariant, finding.Claim,
				finding.Broken, finding.Checked, strings.Join(finding.Examples, "; ")))
		}
	}
	return errors.Join(broken...)
}

// Broken counts what is broken of each invariant that is.
func (c *Certificate) Broken() map[string]int64 {
	broken := map[string]int64{}
	for _, finding := range c.Findings {
		if finding.Broken != 0 {
			broken[finding.Invariant] += finding.Broken
		}
	}
	return broken
}

// InFlight counts orders that are NEW and events that wait in an outbox.
func (c *Certificate) InFlight() int64 {
	var all int64
	for _, finding := range c.Findings {
		all += finding.InFlight
	}
	return all
}

// Print writes it as a table for people.
func (c *Certificate) Print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tclaim\tchecked\tin flight\tbroken")
	for _, finding := range c.Findings {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\n", finding.Invariant, finding.Claim, finding.Checked, finding.InFlight, finding.Broken)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, finding := range c.Findings {
		for _, example := range finding.Examples {
			if _, err := fmt.Fprintf(out, "%s broken, %s: %s\n", finding.Invariant, finding.Claim, example); err != nil {
				return err
			}
		}
	}
	return nil
}

// add opens the finding of a claim.
func (c *Certificate) add(invariant, claim string) *Finding {
	finding := &Finding{Invariant: invariant, Claim: claim}
	c.Findings = append(c.Findings, finding)
	return finding
}

// sort keeps the claims of one invariant in the order in which they were added.
func (c *Certificate) sort() {
	slices.SortStableFunc(c.Findings, func(a, b *Finding) int { return cmp.Compare(a.Invariant, b.Invariant) })
}

func (f *Finding) fail(format string, values ...any) {
	f.Broken++
	if len(f.Examples) < examplesMax {
		f.Examples = append(f.Examples, fmt.Sprintf(format, values...))
	}
}
