package audit

import (
	"errors"
	"maps"
	"slices"
	"testing"
)

func numbered(number int) orderID { return orderID{byte(number >> 8), byte(number)} }

func order(number int, status, reason string) record {
	return record{id: numbered(number), userID: "u1", amount: 7, status: status, reason: reason}
}

func finished(number int) record  { return order(number, "FINISHED", "") }
func cancelled(number int) record { return order(number, "CANCELLED", "INSUFFICIENT_FUNDS") }

func late(r record) record {
	r.late = true
	return r
}

func costs(amount int64, r record) record {
	r.amount = amount
	return r
}

// compared gives what is broken, by invariant, and how many orders are in flight.
func compared(t *testing.T, orders, decisions, decidedSince, told []record) (map[string]int64, int64) {
	t.Helper()
	certificate := &Certificate{}
	c := newComparison(certificate)
	c.orders, c.decisions, c.told = side{next: recordsOf(orders)}, side{next: recordsOf(decisions)}, side{next: recordsOf(told)}
	c.decidedSince = func(ids []orderID) (map[orderID]record, error) {
		if len(ids) == 0 || len(ids) > askAgainRowsMax {
			t.Errorf("asked again for %d orders", len(ids))
		}
		found := map[orderID]record{}
		for _, decision := range decidedSince {
			if slices.Contains(ids, decision.id) {
				found[decision.id] = decision
			}
		}
		return found, nil
	}
	if err := c.run(); err != nil {
		t.Fatal(err)
	}
	return certificate.Broken(), certificate.InFlight()
}

func TestComparisonJudgesEachOrderOnce(t *testing.T) {
	none := map[string]int64{}
	for name, test := range map[string]struct {
		orders, decisions, since, told []record
		broken                         map[string]int64
		inFlight                       int64
	}{
		"nothing":                             {broken: none},
		"both ends":                           {orders: []record{finished(1), cancelled(2)}, decisions: []record{finished(1), cancelled(2)}, broken: none},
		"a request on its way":                {orders: []record{order(1, "NEW", "")}, broken: none, inFlight: 1},
		"a result on its way":                 {orders: []record{order(1, "NEW", "")}, decisions: []record{finished(1)}, broken: none, inFlight: 1},
		"settled after decisions were read":   {orders: []record{finished(1)}, since: []record{finished(1)}, broken: none},
		"otherwise after they were read":      {orders: []record{finished(1)}, since: []record{cancelled(1)}, broken: map[string]int64{"I4": 1}},
		"stuck":                               {orders: []record{late(order(1, "NEW", ""))}, broken: map[string]int64{"I2": 1}},
		"settled undecided":                   {orders: []record{finished(1), finished(3)}, decisions: []record{finished(3)}, broken: map[string]int64{"I4": 1}},
		"decided without an order":            {orders: []record{finished(3)}, decisions: []record{finished(1), finished(3), finished(4)}, broken: map[string]int64{"I3": 2}},
		"decided twice":                       {orders: []record{finished(1)}, decisions: []record{finished(1), cancelled(1)}, broken: map[string]int64{"I3": 1}},
		"two orders of one id":                {orders: []record{finished(1), finished(1)}, decisions: []record{finished(1)}, broken: map[string]int64{"I1": 1}},
		"paid, but declined":                  {orders: []record{finished(1)}, decisions: []record{cancelled(1)}, broken: map[string]int64{"I4": 1}},
		"declined for another reason":         {orders: []record{cancelled(1)}, decisions: []record{order(1, "CANCELLED", "ACCOUNT_NOT_FOUND")}, broken: map[string]int64{"I4": 1}},
		"another amount decided":              {orders: []record{finished(1)}, decisions: []record{costs(8, finished(1))}, broken: map[string]int64{"I4": 1}},
		"another amount decided, not settled": {orders: []record{order(1, "NEW", "")}, decisions: []record{costs(8, finished(1))}, broken: map[string]int64{"I4": 1}, inFlight: 1},
		"kept as told":                        {orders: []record{finished(1)}, decisions: []record{finished(1)}, told: []record{order(1, "NEW", "")}, broken: none},
		"told and lost":                       {orders: []record{finished(2)}, decisions: []record{finished(2)}, told: []record{order(1, "NEW", ""), order(3, "NEW", "")}, broken: map[string]int64{"I1": 2}},
		"told otherwise":                      {orders: []record{finished(1)}, decisions: []record{finished(1)}, told: []record{costs(8, order(1, "NEW", ""))}, broken: map[string]int64{"I1": 1}},
		"told to two makers":                  {orders: []record{finished(1)}, decisions: []record{finished(1)}, told: []record{order(1, "NEW", ""), order(1, "NEW", "")}, broken: map[string]int64{"I1": 1}},
		"seen settled and so still":           {orders: []record{finished(1)}, decisions: []record{finished(1)}, told: []record{order(1, "FINISHED", "")}, broken: none},
		"seen settled and NEW again":          {orders: []record{order(1, "NEW", "")}, decisions: []record{finished(1)}, told: []record{order(1, "FINISHED", "")}, broken: map[string]int64{"I6": 1}, inFlight: 1},
	} {
		t.Run(name, func(t *testing.T) {
			broken, inFlight := compared(t, test.orders, test.decisions, test.since, test.told)
			if !maps.Equal(broken, test.broken) || inFlight != test.inFlight {
				t.Errorf("broken %v, in flight %d; not %v, %d", broken, inFlight, test.broken, test.inFlight)
			}
		})
	}
}

func TestComparisonAsksAgainInBoundedPortions(t *testing.T) {
	const orders = 2*askAgainRowsMax + 500
	var settled []record
	for number := range orders {
		settled = append(settled, finished(number))
	}
	broken, _ := compared(t, settled, nil, settled[:orders-3], nil)
	if !maps.Equal(broken, map[string]int64{"I4": 3}) {
		t.Errorf("broken %v", broken)
	}
}

func TestComparisonThatCannotReadIsAnError(t *testing.T) {
	cut := errors.New("cut off")
	failing := func() (*record, error) { return nil, cut }
	for name, spoil := range map[string]func(*comparison){
		"orders":      func(c *comparison) { c.orders.next = failing },
		"decisions":   func(c *comparison) { c.decisions.next = failing },
		"asked again": func(c *comparison) { c.decidedSince = func([]orderID) (map[orderID]record, error) { return nil, cut } },
	} {
		t.Run(name, func(t *testing.T) {
			c := newComparison(&Certificate{})
			c.orders, c.decisions, c.told = side{next: recordsOf([]record{finished(1)})}, side{next: recordsOf(nil)}, side{next: recordsOf(nil)}
			spoil(c)
			if err := c.run(); !errors.Is(err, cut) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestFindingKeepsAFewExamples(t *testing.T) {
	finding := (&Certificate{}).add("I1", "claim")
	for number := range 100 {
		finding.fail("number %d", number)
	}
	if finding.Broken != 100 || len(finding.Examples) != examplesMax {
		t.Errorf("%+v", finding)
	}
}
