package load

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"orderspayments/tests/chaos/journal"
)

const (
	orderAmountMax = 2000
	topUpAmountMin = 1000
	pageSizeMax    = 20 // of lists under way, to keep the journal small
)

// sessions by how often each is begun.
var sessions = []struct {
	weight int
	run    func(*Load, context.Context)
}{
	{18, (*Load).orderOnce},
	{28, (*Load).orderWithKey},
	{6, (*Load).orderTwins},
	{4, (*Load).payInOnce},
	{8, (*Load).payInWithKey},
	{3, (*Load).payInTwins},
	{6, (*Load).repeat},
	{2, (*Load).reuseKey},
	{2, (*Load).newUser},
	{12, (*Load).readOrder},
	{4, (*Load).listOrders},
	{5, (*Load).readBalance},
	{3, (*Load).listEntries},
	{2, (*Load).readAnothers},
	{4, (*Load).getItWrong},
}

func (l *Load) pick() func(*Load, context.Context) {
	total := 0
	for _, session := range sessions {
		total += session.weight
	}
	drawn := l.intN(total)
	for _, session := range sessions {
		if drawn -= session.weight; drawn < 0 {
			return session.run
		}
	}
	panic("the weights do not add up")
}

// newOrder has a description like no other.
func (l *Load) newOrder(u user) journal.Call {
	decoration := []string{"", " кофе", " ☕ 🧁", "\ttab\nline", ` "quoted" \ <b>`}[l.intN(5)]
	return post(journal.Orders, u, "/orders", map[string]any{
		"amount":      1 + l.intN(orderAmountMax),
		"description": fmt.Sprintf("order %d%s", l.number.Add(1), decoration),
	})
}

// newTopUp has an amount like no other.
func (l *Load) newTopUp(u user) journal.Call {
	return post(journal.Payments, u, "/accounts/topup", map[string]any{"amount": topUpAmountMin + l.number.Add(1)})
}

func (l *Load) newKey() string { return fmt.Sprintf("key/%d", l.number.Add(1)) }

func post(service journal.Service, u user, path string, body any) journal.Call {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // Strings and integers always marshal.
	}
	return journal.Call{Service: service, Method: http.MethodPost, Path: path, User: u.name, Body: string(text)}
}

func get(service journal.Service, user, path string) journal.Call {
	return journal.Call{Service: service, Method: http.MethodGet, Path: path, User: user}
}

func (l *Load) orderOnce(ctx context.Context)    { l.once(ctx, l.newOrder(l.someone())) }
func (l *Load) orderWithKey(ctx context.Context) { l.keyed(ctx, l.newOrder(l.someone())) }
func (l *Load) orderTwins(ctx context.Context)   { l.twins(ctx, l.newOrder(l.someone())) }
func (l *Load) payInOnce(ctx context.Context)    { l.once(ctx, l.newTopUp(l.payer())) }
func (l *Load) payInWithKey(ctx context.Context) { l.keyed(ctx, l.newTopUp(l.payer())) }
func (l *Load) payInTwins(ctx context.Context)   { l.twins(ctx, l.newTopUp(l.payer())) }

// once is a caller without a key, who cannot try again.
func (l *Load) once(ctx context.Context, call journal.Call) { l.remember(l.client.send(ctx, call)) }

// keyed tries again until the outcome is known.
func (l *Load) keyed(ctx context.Context, call journal.Call) {
	call.Key = l.newKey()
	if sent, known := l.insist(ctx, call); known {
		l.remember(sent)
	}
}

// twins all want the same done, at once, and each tries again.
func (l *Load) twins(ctx context.Context, call journal.Call) {
	call.Key = l.newKey()
	l.atOnce(2+l.intN(twinsMax-1), func() {
		if sent, known := l.insist(ctx, call); known {
			l.remember(sent)
		}
	})
}

func (l *Load) atOnce(count int, do func()) {
	var group sync.WaitGroup
	for range count {
		group.Go(do)
	}
	group.Wait()
}

func (l *Load) remember(sent journal.Call) {
	var order struct{ ID string }
	switch {
	case sent.Status == http.StatusCreated && json.Unmarshal([]byte(sent.Answer), &order) == nil:
		l.keep(write{sent, order.ID})
	case sent.Status == http.StatusOK:
		l.keep(write{call: sent})
	}
}

// repeat sends what was done before under its key, in quotes, as JSON with other blanks.
func (l *Load) repeat(ctx context.Context) {
	done, ok := l.recall(func(w write) bool { return w.call.Key != "" })
	if !ok {
		return
	}
	again := asSent(done.call)
	again.Body = " \n" + again.Body + "\t"
	again.Key = `"` + strings.Trim(again.Key, `"`) + `"`
	l.insist(ctx, again)
}

// reuseKey wants something else done under the key of what was done before.
func (l *Load) reuseKey(ctx context.Context) {
	done, ok := l.recall(func(w write) bool { return w.call.Key != "" })
	if !ok {
		return
	}
	u := user{name: done.call.User}
	other := l.newOrder(u)
	if done.orderID == "" {
		other = l.newTopUp(u)
	}
	other.Key = done.call.Key
	l.insist(ctx, other)
}

// asSent is the call before it was answered.
func asSent(call journal.Call) journal.Call {
	return journal.Call{Service: call.Service, Method: call.Method, Path: call.Path, User: call.User, Key: call.Key, Body: call.Body}
}

// newUser opens an account, twice at once, and pays in.
func (l *Load) newUser(ctx context.Context) {
	l.lock.Lock()
	full := len(l.users) >= usersMax
	l.lock.Unlock()
	if full {
		return
	}
	u := user{fmt.Sprintf("%s-new-%d", l.prefix, l.number.Add(1)), true, true}
	l.atOnce(2, func() { l.insist(ctx, post(journal.Payments, u, "/accounts", struct{}{})) })
	if l.open(ctx, u) {
		l.join(u)
	}
}

// open makes the user's account, if there is none, and pays in.
func (l *Load) open(ctx context.Context, u user) bool {
	opened, known := l.insist(ctx, post(journal.Payments, u, "/accounts", struct{}{}))
	if !known || (opened.Status != http.StatusCreated && opened.Status != http.StatusConflict) {
		return false
	}
	l.keyed(ctx, l.newTopUp(u))
	return ctx.Err() == nil
}

func (l *Load) readOrder(ctx context.Context) {
	if done, ok := l.recall(func(w write) bool { return w.orderID != "" }); ok {
		l.client.send(ctx, get(journal.Orders, done.call.User, "/orders/"+done.orderID))
	}
}

// readAnothers must not find it.
func (l *Load) readAnothers(ctx context.Context) {
	reader := l.someone()
	done, ok := l.recall(func(w write) bool { return w.orderID != "" && w.call.User != reader.name })
	if ok {
		l.client.send(ctx, get(journal.Orders, reader.name, "/orders/"+done.orderID))
	}
}

func (l *Load) listOrders(ctx context.Context) {
	l.client.send(ctx, get(journal.Orders, l.someone().name, fmt.Sprintf("/orders?page_size=%d", 1+l.intN(pageSizeMax))))
}

func (l *Load) readBalance(ctx context.Context) {
	l.client.send(ctx, get(journal.Payments, l.someone().name, "/accounts/balance"))
}

func (l *Load) listEntries(ctx context.Context) {
	l.client.send(ctx, get(journal.Payments, l.someone().name, fmt.Sprintf("/accounts/transactions?page_size=%d", 1+l.intN(pageSizeMax))))
}
