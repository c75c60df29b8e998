package checker

import (
	"net/http"
	"strings"

	"orderspayments/tests/chaos/journal"
)

// checkOrders: each order that was asked for is there as it was told, once, and no other.
func (c *check) checkOrders(rows *Rows) {
	made := map[[2]string][]*order{}
	for _, row := range rows.Orders {
		mark := [2]string{row.User, row.Description}
		made[mark] = append(made[mark], c.orders[row.ID])
	}
	for _, w := range c.writes {
		if w.route != postOrder {
			continue
		}
		c.checkReplays(w)
		mine := made[[2]string{w.user, w.request.Description}]
		if !c.settle(w, len(mine)) {
			continue
		}
		for _, o := range mine {
			o.write = w
			c.checkOrder(o)
		}
	}
	for _, o := range c.orders {
		if o.write == nil {
			c.add(Unexpected, "an order that nobody asked for: %+v", o.Order)
		}
	}
}

func (c *check) checkOrder(o *order) {
	w := o.write
	if o.Amount != w.request.Amount || o.Key != w.key {
		c.against(w, Unexpected, "kept as %+v", o.Order)
	}
	if !isFinal(o.Status) {
		c.against(w, Lost, "never settled: %+v", o.Order)
	}
	if o.Swept && w.begun() > c.destroyed {
		c.against(w, Lost, "settled by the sweeper alone: %+v", o.Order)
	}
	for _, call := range w.acknowledgements() {
		told, ok := parse[orderAnswer](c, call)
		if ok && (!told.is(o.Order) || told.Status != "NEW" || told.CancelReason != "" || !told.Updated.Equal(told.Created)) {
			c.against(w, Unexpected, "told %q, kept %+v", call.Answer, o.Order)
		}
	}
	o.told = w.firstTold()
}

// is compares all that never changes.
func (a orderAnswer) is(row Order) bool {
	return a.ID == row.ID && a.User == row.User && a.Amount == row.Amount &&
		a.Description == row.Description && a.Created.Equal(row.Created)
}

// sighting is an order as a read showed it.
type sighting struct {
	orderAnswer
	call *journal.Call
}

// checkOrderReads: no read shows what is not so, misses what was told before, or shows an order
// go back.
func (c *check) checkOrderReads() {
	sightings := map[*order][]sighting{}
	lists := newOrderLists(c)
	for _, call := range c.calls {
		if call.Service != journal.Orders || call.Method != http.MethodGet || call.Refusal != 0 || !isAnswered(call) {
			continue
		}
		var shown []orderAnswer
		if id, one := strings.CutPrefix(pathOf(call), "/orders/"); one {
			shown = c.checkGetOrder(call, id)
		} else {
			shown = lists.read(call)
		}
		for _, answer := range shown {
			o := c.orders[answer.ID]
			if o == nil || !answer.is(o.Order) || call.User != o.User {
				c.add(Unexpected, "shown is %+v, which is not what is kept: %s", answer, tell(call))
				continue
			}
			sightings[o] = append(sightings[o], sighting{answer, call})
		}
	}
	for o, seen := range sightings {
		c.checkCourse(o, seen)
	}
}

func (c *check) checkGetOrder(call *journal.Call, id string) []orderAnswer {
	o := c.orders[id]
	mine := o != nil && o.User == call.User
	switch {
	case call.Status == http.StatusOK:
		if answer, ok := parse[orderAnswer](c, call); ok {
			return []orderAnswer{answer}
		}
	case call.Status == http.StatusNotFound && mine && o.told <= call.Start:
		c.add(Lost, "not found, though told before: %s", tell(call))
	case call.Status != http.StatusNotFound:
		c.add(Unexpected, "neither 200 nor 404: %s", tell(call))
	}
	return nil
}

// checkCourse: from NEW to the end that is kept, and never back.
func (c *check) checkCourse(o *order, seen []sighting) {
	for _, s := range seen {
		if isFinal(s.Status) {
			o.ended = min(o.ended, s.call.End)
		}
	}
	for _, s := range seen {
		asKept := s.Status == o.Status && s.CancelReason == o.CancelReason && s.Updated.Equal(o.Updated)
		switch {
		case s.Status == "NEW" && s.call.Start > o.ended:
			c.accuse(o, Unexpected, "went back to NEW, having ended by %v: %s", o.ended, tell(s.call))
		case s.Status == "NEW" && (s.CancelReason != "" || !s.Updated.Equal(s.Created)):
			c.accuse(o, Unexpected, "NEW, but changed: %s", tell(s.call))
		case s.Status != "NEW" && !asKept:
			c.accuse(o, Unexpected, "shown with another end than is kept, %+v: %s", o.Order, tell(s.call))
		}
	}
}
