package checker

import (
	"slices"
	"sort"
	"time"
)

// timeline bounds which of an account's entries a call can have seen. Entries are numbered
// from 1; 0 is before the first.
type timeline struct {
	balances []int64 // after each entry, from 0
	// [n]: when entry n, or a later one, was first told to be there. It never falls.
	told []time.Duration
	// [n]: when the last of the entries up to n was asked for. It never falls.
	asked []time.Duration
}

// moment is when an entry was asked for, and first told to be there.
type moment struct{ asked, told time.Duration }

// newTimeline needs the moments of all entries, which are numbered without a gap.
func newTimeline(entries []Entry, moments []moment) timeline {
	n := len(entries)
	t := timeline{make([]int64, n+1), make([]time.Duration, n+1), make([]time.Duration, n+1)}
	for i, entry := range entries {
		t.balances[i+1] = entry.BalanceAfter
		t.asked[i+1] = max(t.asked[i], moments[i].asked)
	}
	earliest := never
	for i := n; i > 0; i-- {
		earliest = min(earliest, moments[i-1].told)
		t.told[i] = earliest
	}
	return t
}

// there is the highest entry that surely was there at that time.
func (t timeline) there(at time.Duration) int {
	return max(0, sort.Search(len(t.told)-1, func(i int) bool { return t.told[i+1] > at }))
}

// possible is the highest entry that may have been there at that time.
func (t timeline) possible(at time.Duration) int {
	return max(0, sort.Search(len(t.asked)-1, func(i int) bool { return t.asked[i+1] > at }))
}

// between are the balances that a call of that time can have met.
func (t timeline) between(start, end time.Duration) []int64 {
	from, to := t.there(start), t.possible(end)
	if from > to || len(t.balances) == 0 {
		return nil
	}
	return t.balances[from : to+1]
}

// least is the smallest balance of that time, if there can have been one.
func (t timeline) least(start, end time.Duration) (int64, bool) {
	balances := t.between(start, end)
	if len(balances) == 0 {
		return 0, false
	}
	return slices.Min(balances), true
}
