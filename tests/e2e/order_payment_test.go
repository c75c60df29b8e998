package e2e

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

var uuidV7 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestAnOrderIsPaidFromTheAccount(t *testing.T) {
	u := newUser(t)
	if a := u.openAccount(); a.UserID != u.id || a.Balance != 0 || a.CreateTime.IsZero() {
		t.Errorf("account: %+v", a)
	}
	if b := u.topUp(1000); b.UserID != u.id || b.Balance != 1000 {
		t.Errorf("top-up: %+v", b)
	}
	made := u.order(100, "coffee")
	if !uuidV7.MatchString(made.ID) || made.UserID != u.id || made.Amount != 100 || made.Description != "coffee" ||
		made.Status != "NEW" || made.CancelReason != "" || !made.CreateTime.Equal(made.UpdateTime) {
		t.Errorf("made: %+v", made)
	}
	paid := u.settled(made.ID)
	if paid.Status != "FINISHED" || paid.CancelReason != "" || !paid.CreateTime.Equal(made.CreateTime) || paid.UpdateTime.Before(made.UpdateTime) {
		t.Errorf("paid: %+v", paid)
	}
	if got := u.balance(); got != 900 {
		t.Errorf("balance %d", got)
	}
	entries := u.ledger()
	if len(entries) != 2 {
		t.Fatalf("ledger: %+v", entries)
	}
	if e := entries[0]; e.Kind != "CHARGE" || e.Amount != 100 || e.BalanceAfter != 900 || e.OrderID != made.ID {
		t.Errorf("charge: %+v", e)
	}
	if e := entries[1]; e.Kind != "TOP_UP" || e.Amount != 1000 || e.BalanceAfter != 1000 || e.OrderID != "" {
		t.Errorf("top-up: %+v", e)
	}
	if listed := u.orders(nil); len(listed.Orders) != 1 || listed.Orders[0] != paid || listed.NextPageToken != "" {
		t.Errorf("listed: %+v", listed)
	}
}

func TestOrderIsCancelledWhenFundsAreInsufficient(t *testing.T) {
	u := newUser(t)
	u.openAccount()
	u.topUp(99)
	if o := u.settled(u.order(100, "").ID); o.Status != "CANCELLED" || o.CancelReason != "INSUFFICIENT_FUNDS" {
		t.Errorf("got %+v", o)
	}
	if got := u.balance(); got != 99 {
		t.Errorf("balance %d", got)
	}
	if o := u.settled(u.order(99, "all of it").ID); o.Status != "FINISHED" {
		t.Errorf("got %+v", o)
	}
	if got := u.balance(); got != 0 {
		t.Errorf("balance %d", got)
	}
}

func TestOrderIsCancelledWhenThereIsNoAccount(t *testing.T) {
	u := newUser(t)
	o := u.settled(u.order(1, "").ID)
	if o.Status != "CANCELLED" || o.CancelReason != "ACCOUNT_NOT_FOUND" {
		t.Errorf("got %+v", o)
	}
	u.openAccount()
	u.topUp(10)
	if again := u.getOrder(o.ID); again != o {
		t.Errorf("a settled order changed: %+v", again)
	}
}

func TestTwoHundredOrdersAtOnceOnMoneyForFifty(t *testing.T) {
	const orders, paidFor, price = 200, 50, 7
	u := newUser(t)
	u.openAccount()
	u.topUp(paidFor * price)

	var group sync.WaitGroup
	refused := make(chan string, orders)
	for range orders {
		group.Go(func() {
			a, err := u.send("POST", ordersURL+"/orders", `{"amount":7,"description":"one of many"}`, nil)
			if err != nil {
				refused <- err.Error()
			} else if a.status != 201 {
				refused <- a.String()
			}
		})
	}
	group.Wait()
	close(refused)
	for why := range refused {
		t.Fatal(why)
	}
	eventually(t, "all orders settle", func() bool {
		return len(u.orders(url.Values{"status": {"NEW"}}).Orders) == 0
	})

	finished := map[string]bool{}
	all := u.allOrders(200, func() {})
	for _, o := range all {
		switch {
		case o.Status == "FINISHED":
			finished[o.ID] = true
		case o.Status != "CANCELLED" || o.CancelReason != "INSUFFICIENT_FUNDS":
			t.Errorf("got %+v", o)
		}
	}
	if len(all) != orders || len(finished) != paidFor {
		t.Errorf("%d orders, %d of them finished", len(all), len(finished))
	}
	if got := u.balance(); got != 0 {
		t.Errorf("balance %d", got)
	}
	checkLedger(t, u.ledger(), finished, paidFor*price, price)
}

// checkLedger demands one top-up and one charge of each finished order, each
// with the right balance after it.
func checkLedger(t *testing.T, newestFirst []transaction, finished map[string]bool, topUp, price int64) {
	t.Helper()
	if len(newestFirst) != 1+len(finished) {
		t.Fatalf("%d entries for %d charges", len(newestFirst), len(finished))
	}
	var sum int64
	charged := map[string]bool{}
	for i := len(newestFirst) - 1; i >= 0; i-- {
		entry := newestFirst[i]
		switch {
		case entry.Kind == "TOP_UP" && entry.Amount == topUp:
			sum += entry.Amount
		case entry.Kind == "CHARGE" && entry.Amount == price && finished[entry.OrderID] && !charged[entry.OrderID]:
			sum -= entry.Amount
			charged[entry.OrderID] = true
		default:
			t.Errorf("unexpected: %+v", entry)
		}
		if entry.BalanceAfter != sum {
			t.Errorf("balance after is %d, want %d: %+v", entry.BalanceAfter, sum, entry)
		}
	}
}

func TestAUserSeesNothingOfAnother(t *testing.T) {
	owner, other := newUser(t), newUser(t)
	owner.openAccount()
	owner.topUp(5)
	made := owner.order(5, "private")
	owner.settled(made.ID)

	foreign := refusalOf(other, ordersURL+"/orders/"+made.ID)
	random := refusalOf(other, ordersURL+"/orders/"+"01890a5d-ac96-774b-bcce-b302099a8057")
	if foreign.status != 404 || foreign.code() != "ORDER_NOT_FOUND" || string(foreign.body) != string(random.body) {
		t.Errorf("a foreign order tells itself from none:\n%v\n%v", foreign, random)
	}
	if page := other.orders(nil); len(page.Orders) != 0 || page.NextPageToken != "" {
		t.Errorf("another's orders: %+v", page)
	}
	for _, path := range []string{"/accounts/balance", "/accounts/transactions"} {
		if a := refusalOf(other, paymentsURL+path); a.status != 404 || a.code() != "ACCOUNT_NOT_FOUND" {
			t.Errorf("%s: got %v", path, a)
		}
	}
	upper := user{t, strings.ToUpper(owner.id)}
	if page := upper.orders(nil); len(page.Orders) != 0 {
		t.Errorf("the case of a user id is lost: %+v", page)
	}
	if got := owner.getOrder(strings.ToUpper(made.ID)); got.ID != made.ID {
		t.Errorf("upper-case order id: %+v", got)
	}

	owner.order(5, "")
	token := owner.orders(url.Values{"page_size": {"1"}}).NextPageToken
	stolen := refusalOf(other, ordersURL+"/orders?page_size=1&page_token="+url.QueryEscape(token))
	if token == "" || stolen.status != 400 || stolen.code() != "INVALID_PAGE_TOKEN" {
		t.Errorf("another's page token: got %v", stolen)
	}
}

// refusalOf reads url with a fixed request id, so that answers can be compared.
func refusalOf(u user, url string) answer {
	u.t.Helper()
	a, err := u.send("GET", url, "", map[string][]string{"X-Request-Id": {"same"}})
	if err != nil {
		u.t.Fatal(err)
	}
	return a
}

func TestPagesNeitherRepeatNorSkipWhileOrdersAreMade(t *testing.T) {
	const before = 25
	u := newUser(t)
	want := map[string]bool{}
	for range before {
		want[u.order(1, "before").ID] = true
	}
	seen := map[string]bool{}
	for _, o := range u.allOrders(4, func() { u.order(1, "during") }) {
		if seen[o.ID] {
			t.Errorf("twice: %s", o.ID)
		}
		seen[o.ID] = true
		delete(want, o.ID)
	}
	if len(want) != 0 {
		t.Errorf("skipped: %v", want)
	}
	if page := u.orders(url.Values{"page_size": {"0"}}); len(page.Orders) == 0 {
		t.Error("page_size=0 is not the default")
	}
}

func TestParallelAccountCreationMakesOne(t *testing.T) {
	const callers = 20
	u := newUser(t)
	var group sync.WaitGroup
	answers := make([]answer, callers)
	errs := make([]error, callers)
	for i := range callers {
		group.Go(func() { answers[i], errs[i] = u.send("POST", paymentsURL+"/accounts", "{}", nil) })
	}
	group.Wait()
	created := 0
	for i, a := range answers {
		switch {
		case errs[i] != nil:
			t.Error(errs[i])
		case a.status == 201:
			created++
		case a.status != 409 || a.code() != "ACCOUNT_ALREADY_EXISTS":
			t.Errorf("got %v", a)
		}
	}
	if created != 1 {
		t.Errorf("%d accounts", created)
	}
	if got := u.balance(); got != 0 {
		t.Errorf("balance %d", got)
	}
}

func TestTheBalanceHasALimit(t *testing.T) {
	const most = 1<<53 - 1
	u := newUser(t)
	a, err := u.send("POST", paymentsURL+"/accounts/topup", `{"amount":1}`, nil)
	if err != nil || a.status != 404 || a.code() != "ACCOUNT_NOT_FOUND" {
		t.Errorf("without an account: got %v, %v", a, err)
	}
	u.openAccount()
	u.topUp(most)
	a, err = u.send("POST", paymentsURL+"/accounts/topup", `{"amount":1}`, nil)
	if err != nil || a.status != 422 || a.code() != "BALANCE_LIMIT_EXCEEDED" {
		t.Errorf("past the limit: got %v, %v", a, err)
	}
	if got := u.balance(); got != most {
		t.Errorf("balance %d", got)
	}
	if o := u.settled(u.order(most, "everything").ID); o.Status != "FINISHED" || u.balance() != 0 {
		t.Errorf("got %+v", o)
	}
}
