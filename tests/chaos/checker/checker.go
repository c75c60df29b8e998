package checker

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"orderspayments/tests/chaos/journal"
)

// never is later than any time of a run.
const never = time.Duration(math.MaxInt64)

// check is the work of one Check.
type check struct {
	*Verdict
	destroyed time.Duration
	calls     []*journal.Call
	writes    []*write
	orders    map[string]*order   // by id
	accounts  map[string]*account // by user
}

// order is a row with what callers know of it.
type order struct {
	Order
	write    *write // that made it; nil if nobody asked for it
	decision *Decision
	charges  []Entry
	// When it was first told to exist, and to have ended.
	told, ended time.Duration
}

// account is a user's money: the row, if there is one, and the ledger, by number.
type account struct {
	*Account
	entries []Entry
	// When its making began, and when it was first told to exist.
	begun, told time.Duration
	timeline    timeline
}

// Check judges the calls, which are all that were made in the names of the rows' users, by
// their starts. All must be quiet: no call and no event is under way. It relies on every order
// having a description, and every top-up of a user an amount, that no other has. `destroyed` is
// when messages were last destroyed, in the time of the calls: orders begun later must have
// settled without the sweeper, which would hide that something is lost otherwise.
// An error says that nothing can be said.
func Check(calls []journal.Call, rows *Rows, destroyed time.Duration) (*Verdict, error) {
	c := &check{
		Verdict: &Verdict{Calls: len(calls)}, destroyed: destroyed,
		orders: map[string]*order{}, accounts: map[string]*account{},
	}
	for i := range calls {
		c.calls = append(c.calls, &calls[i])
		if !isAnswered(&calls[i]) {
			c.Unanswered++
		}
	}
	var err error
	if c.writes, err = writesOf(c.calls); err != nil {
		return nil, err
	}
	if err := c.distinguishable(); err != nil {
		return nil, err
	}
	c.index(rows)
	c.checkAnswers()
	c.checkOrders(rows)
	c.checkOrderReads()
	c.checkAccounts()
	c.checkLedgers()
	c.checkAccountReads()
	c.checkDecisions(rows)
	c.countWrites()
	return c.Verdict, nil
}

// distinguishable makes sure that a row can be told to be one write's.
func (c *check) distinguishable() error {
	seen := map[string]*write{}
	for _, w := range c.writes {
		if w.route == postAccount {
			continue
		}
		mark := fmt.Sprint(w.route, w.user, w.request.Amount)
		if w.route == postOrder {
			mark = w.route + w.user + w.request.Description
		}
		if seen[mark] != nil {
			return fmt.Errorf("two writes cannot be told apart: %v and %v", w, seen[mark])
		}
		seen[mark] = w
	}
	if len(c.writes) == 0 {
		return errors.New("there were no writes")
	}
	return nil
}

func (c *check) index(rows *Rows) {
	for _, row := range rows.Orders {
		c.orders[row.ID] = &order{Order: row, told: never, ended: never}
	}
	for i, row := range rows.Accounts {
		c.accountOf(row.User).Account = &rows.Accounts[i]
	}
	for _, entry := range rows.Entries {
		a := c.accountOf(entry.User)
		a.entries = append(a.entries, entry)
	}
	for _, a := range c.accounts {
		slices.SortFunc(a.entries, func(x, y Entry) int { return int(x.Number - y.Number) })
	}
}

func (c *check) accountOf(user string) *account {
	if c.accounts[user] == nil {
		c.accounts[user] = &account{begun: never, told: never}
	}
	return c.accounts[user]
}

// against is a finding that makes the write not ok.
func (c *check) against(w *write, class Class, format string, arguments ...any) {
	w.broken = true
	c.add(class, "%s: %v", fmt.Sprintf(format, arguments...), w)
}

// checkReplays: all who were told of the write were told the same, and one at most, whose answer
// another may have missed, was the first.
func (c *check) checkReplays(w *write) {
	told := w.acknowledgements()
	firsts := 0
	for _, answer := range told {
		if answer.Answer != told[0].Answer {
			c.against(w, Unexpected, "the reply differs: %q and %q", told[0].Answer, answer.Answer)
		}
		if answer.Replayed && !w.preceded(answer) {
			c.against(w, Unexpected, "a replay of nothing")
		}
		if !answer.Replayed {
			firsts++
		}
	}
	if firsts > 1 {
		c.against(w, Duplicated, "%d answers that do not say to be replays", firsts)
	}
}

func (c *check) countWrites() {
	for _, w := range c.writes {
		c.Attempted++
		if len(w.acknowledgements()) > 0 {
			c.Acknowledged++
			if !w.broken {
				c.OK++
			}
		}
		if w.recovered() {
			c.Recovered++
		}
	}
}

// settle compares what a write was told with the rows that it made, however many.
func (c *check) settle(w *write, rows int) (done bool) {
	acknowledged := len(w.acknowledgements()) > 0
	switch {
	case rows > 1:
		c.against(w, Duplicated, "done %d times", rows)
	case rows == 0 && acknowledged:
		c.against(w, Lost, "acknowledged, and not there")
	case rows == 1 && !acknowledged && !w.unanswered():
		c.against(w, Unexpected, "refused, and done")
	case rows == 1 && !acknowledged:
		c.Found++
	case rows == 0 && w.unanswered():
		c.NotDone++
	}
	return rows > 0
}

// isFinal tells a status that never changes again.
func isFinal(status string) bool { return status == "FINISHED" || status == "CANCELLED" }

func pathOf(call *journal.Call) string {
	path, _, _ := strings.Cut(call.Path, "?")
	return path
}
