package checker

import (
	"net/http"
	"net/url"

	"orderspayments/tests/chaos/journal"
)

// orderLists checks pages of orders.
type orderLists struct {
	check  *check
	byUser map[string][]*order
	ends   pageEnds[string] // ids
}

func newOrderLists(c *check) *orderLists {
	lists := &orderLists{c, map[string][]*order{}, pageEnds[string]{}}
	for _, o := range c.orders {
		lists.byUser[o.User] = append(lists.byUser[o.User], o)
	}
	return lists
}

// read: newest first, and all between the page's ends that was told before the call.
func (l *orderLists) read(call *journal.Call) []orderAnswer {
	if call.Status != http.StatusOK {
		l.check.add(Unexpected, "not 200: %s", tell(call))
		return nil
	}
	page, ok := parse[ordersAnswer](l.check, call)
	if !ok {
		return nil
	}
	above := l.ends.before(call)
	last := above
	shown := map[string]bool{}
	for _, answer := range page.Orders {
		if last != "" && answer.ID >= last {
			l.check.add(Unexpected, "%s is not older than %s: %s", answer.ID, last, tell(call))
		}
		last = answer.ID
		shown[answer.ID] = true
	}
	below := ""
	if page.NextPageToken != "" {
		below = last
		l.ends.keep(call, page.NextPageToken, last)
	}
	for _, o := range l.byUser[call.User] {
		inside := o.ID >= below && (above == "" || o.ID < above)
		if inside && o.told <= call.Start && !shown[o.ID] {
			l.check.add(Lost, "%s is not in the list, though told before: %s", o.ID, tell(call))
		}
	}
	return page.Orders
}

// pageEnds are the last things on pages, by user and the token that leads on.
type pageEnds[Last any] map[[2]string]Last

func (p pageEnds[Last]) keep(call *journal.Call, token string, last Last) {
	p[[2]string{call.User, token}] = last
}

// before is the last thing on the page before; the zero value for a first page.
func (p pageEnds[Last]) before(call *journal.Call) Last {
	return p[[2]string{call.User, tokenOf(call)}]
}

func tokenOf(call *journal.Call) string {
	asked, err := url.Parse(call.Path)
	if err != nil {
		return ""
	}
	return asked.Query().Get("page_token")
}
