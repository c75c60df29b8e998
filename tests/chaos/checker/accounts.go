package checker

import (
	"net/http"
	"slices"

	"orderspayments/tests/chaos/journal"
)

// checkAccounts: each user has the account that was asked for, once, and nobody else one.
func (c *check) checkAccounts() {
	for _, w := range c.writes {
		if w.route != postAccount {
			continue
		}
		a := c.accountOf(w.user)
		a.begun, a.told = w.begun(), w.firstTold()
		rows := 0
		if a.Account != nil {
			rows = 1
		}
		c.settle(w, rows)
		if rows == 0 && w.conflicts() {
			c.against(w, Lost, "told that there is one, and there is none")
		}
		told := w.acknowledgements()
		if len(told) > 1 {
			c.against(w, Duplicated, "opened %d times", len(told))
		}
		for _, call := range told {
			answer, ok := parse[accountAnswer](c, call)
			if ok && rows == 1 && (answer.User != w.user || answer.Balance == nil || *answer.Balance != 0 || !answer.Created.Equal(a.Created)) {
				c.against(w, Unexpected, "told %q, kept %+v", call.Answer, *a.Account)
			}
		}
	}
	for user, a := range c.accounts {
		if a.Account != nil && a.begun == never {
			c.add(Unexpected, "an account that nobody asked for: %s", user)
		}
	}
}

// checkAccountReads: balances and lists show what there can have been at that time, and nobody is
// refused an account that was told to exist.
func (c *check) checkAccountReads() {
	ends := pageEnds[int64]{}
	for _, call := range c.calls {
		if call.Service != journal.Payments || call.Refusal != 0 || !isAnswered(call) {
			continue
		}
		a := c.accountOf(call.User)
		switch {
		case call.Status == http.StatusNotFound:
			if a.told <= call.Start {
				c.add(Lost, "no account, though told before: %s", tell(call))
			}
		case call.Method != http.MethodGet:
		case call.Status != http.StatusOK:
			c.add(Unexpected, "neither 200 nor 404: %s", tell(call))
		case a.Account == nil:
			c.add(Unexpected, "there is no account: %s", tell(call))
		case pathOf(call) == "/accounts/balance":
			c.checkBalance(a, call)
		default:
			c.checkEntries(a, call, ends)
		}
	}
}

func (c *check) checkBalance(a *account, call *journal.Call) {
	answer, ok := parse[accountAnswer](c, call)
	if !ok {
		return
	}
	possible := a.timeline.between(call.Start, call.End)
	if answer.User != call.User || answer.Balance == nil || !slices.Contains(possible, *answer.Balance) {
		c.add(Unexpected, "not a balance of that time, %d to choose from: %s", len(possible), tell(call))
	}
}

// checkEntries: newest first without a gap, from one of that time to the very first.
func (c *check) checkEntries(a *account, call *journal.Call, ends pageEnds[int64]) {
	page, ok := parse[entriesAnswer](c, call)
	if !ok {
		return
	}
	next := ends.before(call) - 1
	if tokenOf(call) == "" {
		next = a.newest(page, call)
	}
	for _, answer := range page.Transactions {
		if next < 1 || next > int64(len(a.entries)) || !answer.is(a.entries[next-1]) {
			c.add(Unexpected, "entry %d is not %+v: %s", next, answer, tell(call))
			return
		}
		next--
	}
	if page.NextPageToken == "" && next != 0 {
		c.add(Lost, "the list ends before entry %d: %s", next, tell(call))
	}
	if page.NextPageToken != "" {
		ends.keep(call, page.NextPageToken, next+1)
	}
}

// newest is the number of the page's first entry if that can have been the newest at that time;
// else that of the newest that was told before, which then is missing.
func (a *account) newest(page entriesAnswer, call *journal.Call) int64 {
	from, to := a.timeline.there(call.Start), a.timeline.possible(call.End)
	for n := from; n <= to && n <= len(a.entries) && len(page.Transactions) > 0; n++ {
		if n > 0 && a.entries[n-1].ID == page.Transactions[0].ID {
			return int64(n)
		}
	}
	return int64(from)
}

func (e entryAnswer) is(row Entry) bool {
	return e.ID == row.ID && e.Kind == row.Kind && e.Amount == row.Amount && e.BalanceAfter == row.BalanceAfter &&
		e.OrderID == row.OrderID && e.Created.Equal(row.Created)
}
