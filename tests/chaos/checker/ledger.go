package checker

// checkLedgers: each top-up that was asked for is an entry, once; each entry continues the one
// before it, was asked for, and not before another that its asker knew of.
func (c *check) checkLedgers() {
	topUps := c.checkTopUps()
	for user, a := range c.accounts {
		moments := make([]moment, len(a.entries))
		balance := int64(0)
		for i, entry := range a.entries {
			delta := entry.Amount
			if entry.Kind == "CHARGE" {
				delta = -delta
			}
			balance += delta
			if entry.Number != int64(i+1) || entry.BalanceAfter != balance || balance < 0 {
				c.add(Unexpected, "entry %d of %s breaks the ledger, the sum is %d: %+v", i+1, user, balance, entry)
			}
			moments[i] = c.momentOf(entry, topUps[entry.ID])
		}
		a.timeline = newTimeline(a.entries, moments)
		c.checkRealTime(a, moments)
		if a.Account == nil && len(a.entries) > 0 {
			c.add(Unexpected, "a ledger without an account: %s", user)
		}
	}
}

// checkTopUps returns the top-ups that were done, by their entries' ids.
func (c *check) checkTopUps() map[string]*write {
	type mark struct {
		user   string
		amount int64
	}
	entries := map[mark][]Entry{}
	for user, a := range c.accounts {
		for _, entry := range a.entries {
			if entry.Kind == "TOP_UP" {
				entries[mark{user, entry.Amount}] = append(entries[mark{user, entry.Amount}], entry)
			}
		}
	}
	done := map[string]*write{}
	for _, w := range c.writes {
		if w.route != postTopUp {
			continue
		}
		c.checkReplays(w)
		mine := entries[mark{w.user, w.request.Amount}]
		c.settle(w, len(mine))
		for _, entry := range mine {
			done[entry.ID] = w
			c.checkTopUp(w, entry)
		}
	}
	return done
}

func (c *check) checkTopUp(w *write, entry Entry) {
	if entry.Key != w.key {
		c.against(w, Unexpected, "kept as %+v", entry)
	}
	for _, call := range w.acknowledgements() {
		told, ok := parse[accountAnswer](c, call)
		if ok && (told.User != w.user || told.Balance == nil || *told.Balance != entry.BalanceAfter) {
			c.against(w, Unexpected, "told %q, kept %+v", call.Answer, entry)
		}
	}
}

// momentOf finds who asked for an entry: a top-up, or the order that it charges.
func (c *check) momentOf(entry Entry, topUp *write) moment {
	if topUp != nil {
		return moment{topUp.begun(), topUp.firstTold()}
	}
	o := c.orders[entry.OrderID]
	if entry.Kind != "CHARGE" || o == nil || o.write == nil {
		c.add(Unexpected, "an entry that nobody asked for: %+v", entry)
		return moment{0, never}
	}
	o.charges = append(o.charges, entry)
	return moment{o.write.begun(), o.ended}
}

func (c *check) checkRealTime(a *account, moments []moment) {
	for i, m := range moments {
		if a.timeline.there(m.asked) > i+1 {
			c.add(Unexpected, "entry %d, told before this was asked for, comes after it: %+v", a.timeline.there(m.asked), a.entries[i])
		}
	}
}

// checkDecisions: each order has one decision, ended as it says, is charged exactly if it was to
// be paid, and was declined for a reason that there was.
func (c *check) checkDecisions(rows *Rows) {
	for i, decision := range rows.Decisions {
		o := c.orders[decision.OrderID]
		if o == nil {
			c.add(Unexpected, "a decision without an order: %+v", decision)
			continue
		}
		o.decision = &rows.Decisions[i]
	}
	for _, o := range c.orders {
		charges := 0
		if o.Status == "FINISHED" {
			charges = 1
		}
		switch {
		case len(o.charges) > 1:
			c.accuse(o, Duplicated, "charged %d times", len(o.charges))
		case len(o.charges) != charges:
			c.accuse(o, Unexpected, "%s, and charged %d times", o.Status, len(o.charges))
		case charges == 1 && (o.charges[0].Amount != o.Amount || o.charges[0].User != o.User):
			c.accuse(o, Unexpected, "charged otherwise: %+v", o.charges[0])
		}
		if isFinal(o.Status) && !o.agrees() {
			c.accuse(o, Unexpected, "ended as %s %s, decided %+v", o.Status, o.CancelReason, o.decision)
		}
		if o.Status == "CANCELLED" && o.write != nil {
			c.checkDecline(o)
		}
	}
}

// agrees compares an ended order with its decision.
func (o *order) agrees() bool {
	outcome := map[string]string{"FINISHED": "SUCCEEDED", "CANCELLED": "DECLINED"}[o.Status]
	return o.decision != nil && *o.decision == Decision{o.ID, o.User, o.Amount, outcome, o.CancelReason}
}

// checkDecline: at some moment between the order and its known end the reason was true.
func (c *check) checkDecline(o *order) {
	a := c.accountOf(o.User)
	start := o.write.begun()
	switch o.CancelReason {
	case "ACCOUNT_NOT_FOUND":
		if a.told <= start {
			c.accuse(o, Unexpected, "declined for want of an account, which was told at %v", a.told)
		}
	case "INSUFFICIENT_FUNDS":
		least, any := a.timeline.least(start, o.ended)
		if !any || a.begun > o.ended || least >= o.Amount {
			c.accuse(o, Unexpected, "declined for want of money, of which there was at least %d", least)
		}
	}
}

// accuse is a finding against the write of the order, if it is known.
func (c *check) accuse(o *order, class Class, format string, arguments ...any) {
	if o.write == nil {
		c.add(class, format, arguments...)
		return
	}
	c.against(o.write, class, format, arguments...)
}
