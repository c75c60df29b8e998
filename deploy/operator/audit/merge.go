package audit

import (
	"bytes"

	"github.com/jackc/pgx/v5/pgtype"
)

type orderID [16]byte

func (id orderID) String() string { return pgtype.UUID{Bytes: id, Valid: true}.String() }

// record is an order as one side has it. A decision is written as the order that it leads to:
// FINISHED for SUCCEEDED, CANCELLED for DECLINED, with its reason.
type record struct {
	id     orderID
	userID string
	amount int64
	status string
	reason string
	// late is an order that ought to have settled.
	late bool
}

func (r record) settled() bool { return r.status != "NEW" }

// sameOrder ignores how it ended.
func (r record) sameOrder(other record) bool {
	return r.userID == other.userID && r.amount == other.amount
}

func (r record) agrees(decision record) bool {
	return r.sameOrder(decision) && r.status == decision.status && r.reason == decision.reason
}

// side yields records in the order of their ids; nil is the end.
type side struct {
	next func() (*record, error)
	head *record
}

// advance returns an error or leaves the next record in head.
func (s *side) advance() (err error) {
	s.head, err = s.next()
	return err
}

// take is all of what there is with that id, which no smaller one precedes.
func (s *side) take(id orderID) (first *record, count int64, err error) {
	for s.head != nil && s.head.id == id {
		if first == nil {
			first = s.head
		}
		count++
		if err := s.advance(); err != nil {
			return nil, 0, err
		}
	}
	return first, count, nil
}

// askAgainRowsMax bounds the orders that wait to be asked for once more.
const askAgainRowsMax = 1000

// comparison reads orders, their decisions and what their makers were told side by side, and
// judges each order once. Memory is bounded whatever the number of orders.
type comparison struct {
	orders, decisions, told side
	// decidedSince looks for decisions anew, after the orders were read.
	decidedSince func(ids []orderID) (map[orderID]record, error)
	unexplained  []record

	unique, kept, settle, decided, ends, final *Finding
}

func newComparison(certificate *Certificate) *comparison {
	return &comparison{
		unique:  certificate.add("I1", "an order has an id of its own"),
		kept:    certificate.add("I1", "an acknowledged order exists as its maker was told"),
		settle:  certificate.add("I2", "an order settles"),
		decided: certificate.add("I3", "a payment is decided once, and for an order"),
		ends:    certificate.add("I4", "an order ended as its payment was decided"),
		final:   certificate.add("I6", "an order that was seen settled is so still"),
	}
}

func (c *comparison) run() error {
	for _, each := range []*side{&c.orders, &c.decisions, &c.told} {
		if err := each.advance(); err != nil {
			return err
		}
	}
	for id := c.smallest(); id != nil; id = c.smallest() {
		if err := c.compare(*id); err != nil {
			return err
		}
		if len(c.unexplained) == askAgainRowsMax {
			if err := c.askAgain(); err != nil {
				return err
			}
		}
	}
	return c.askAgain()
}

// smallest is nil when all sides are read to their ends.
func (c *comparison) smallest() *orderID {
	var smallest *orderID
	for _, head := range []*record{c.orders.head, c.decisions.head, c.told.head} {
		if head != nil && (smallest == nil || bytes.Compare(head.id[:], smallest[:]) < 0) {
			smallest = &head.id
		}
	}
	return smallest
}

func (c *comparison) compare(id orderID) error {
	order, orders, err := c.orders.take(id)
	if err != nil {
		return err
	}
	decision, decisions, err := c.decisions.take(id)
	if err != nil {
		return err
	}
	told, tellings, err := c.told.take(id)
	if err != nil {
		return err
	}
	c.unique.Checked += orders
	c.decided.Checked += decisions
	c.kept.Checked += tellings
	if orders > 1 {
		c.unique.fail("%v exists %d times", id, orders)
	}
	if decisions > 1 {
		c.decided.fail("%v is decided %d times", id, decisions)
	}
	if tellings > 1 {
		c.kept.fail("%v was told %d makers", id, tellings)
	}
	if told != nil {
		c.judgeTold(*told, order)
	}
	switch {
	case order != nil:
		c.judge(*order, decision)
	case decision != nil:
		c.decided.fail("%v is decided, but there is no such order", id)
	}
	return nil
}

func (c *comparison) judgeTold(told record, order *record) {
	switch {
	case order == nil:
		c.kept.fail("%v of %s is gone", told.id, told.userID)
		return
	case !order.sameOrder(told):
		c.kept.fail("%v: told %s %d, kept %s %d", told.id, told.userID, told.amount, order.userID, order.amount)
	}
	if told.settled() {
		c.final.Checked++
		if told.status != order.status {
			c.final.fail("%v was %s, is %s", told.id, told.status, order.status)
		}
	}
}

func (c *comparison) judge(order record, decision *record) {
	c.settle.Checked++
	if !order.settled() {
		if order.late {
			c.settle.fail("%v is NEW", order.id)
		} else {
			c.settle.InFlight++
		}
		if decision != nil && !order.sameOrder(*decision) {
			c.failEnd(order, *decision)
		}
		return
	}
	c.ends.Checked++
	switch {
	case decision == nil:
		c.unexplained = append(c.unexplained, order)
	case !order.agrees(*decision):
		c.failEnd(order, *decision)
	}
}

// askAgain is for settled orders whose decision was not there when the decisions were read.
func (c *comparison) askAgain() error {
	if len(c.unexplained) == 0 {
		return nil
	}
	ids := make([]orderID, len(c.unexplained))
	for i, order := range c.unexplained {
		ids[i] = order.id
	}
	decisions, err := c.decidedSince(ids)
	if err != nil {
		return err
	}
	for _, order := range c.unexplained {
		decision, decided := decisions[order.id]
		switch {
		case !decided:
			c.ends.fail("%v is %s, but was never decided", order.id, order.status)
		case !order.agrees(decision):
			c.failEnd(order, decision)
		}
	}
	c.unexplained = c.unexplained[:0]
	return nil
}

func (c *comparison) failEnd(order, decision record) {
	c.ends.fail("%v of %s, %d, is %s %s; decided for %s, %d, as %s %s", order.id,
		order.userID, order.amount, order.status, order.reason,
		decision.userID, decision.amount, decision.status, decision.reason)
}
