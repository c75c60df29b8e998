package checker

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"orderspayments/tests/chaos/journal"
)

func TestFindsNothingInAnHonestRun(t *testing.T) {
	w := honest()
	verdict, err := Check(w.calls, &w.rows, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range verdict.Findings {
		t.Error(finding)
	}
	verdict.Findings = nil
	want := Verdict{Calls: 17, Unanswered: 2, Attempted: 5, Acknowledged: 5, OK: 5, Recovered: 2}
	if verdict.String() != want.String() {
		t.Errorf("got %v, want %v", verdict, &want)
	}
}

// Each spoils one thing in a run that was honest.
var lies = []struct {
	name  string
	class Class
	text  string // of the finding
	tell  func(w *world)
}{
	{"an acknowledged order is gone", Lost, "acknowledged, and not there", func(w *world) {
		w.rows.Orders = w.rows.Orders[:2]
		w.rows.Decisions = w.rows.Decisions[:2]
	}},
	{"an acknowledged top-up is gone", Lost, "acknowledged, and not there", func(w *world) {
		w.post(journal.Payments, rich, postTopUp, "", `{"amount":50}`, balance(750))
	}},
	{"an acknowledged account is gone", Lost, "acknowledged, and not there", func(w *world) {
		w.post(journal.Payments, poor, postAccount, "", `{}`, accountAnswer{User: poor, Balance: new(int64)})
	}},
	{"an order is never settled", Lost, "never settled", func(w *world) {
		w.rows.Orders[2].Status, w.rows.Orders[2].CancelReason = "NEW", ""
		w.rows.Decisions = w.rows.Decisions[:2]
	}},
	{"a message is lost, and only the sweeper helps", Lost, "settled by the sweeper alone", func(w *world) {
		w.rows.Orders[0].Swept = true
	}},
	{"a key makes two orders", Duplicated, "done 2 times", func(w *world) {
		second := w.rows.Orders[0]
		second.ID = "00000000-0000-7000-8000-000000000009"
		w.rows.Orders = append(w.rows.Orders, second)
	}},
	{"a key tops up twice", Duplicated, "done 2 times", func(w *world) {
		w.rows.Entries = append(w.rows.Entries, Entry{"e3", rich, 3, "TOP_UP", 1000, 1700, "", "top-up-key", epoch})
	}},
	{"two answers to a key are the first", Duplicated, "do not say to be replays", func(w *world) {
		w.of("POST", postOrder, 1).Replayed = false
	}},
	{"an account is opened twice", Duplicated, "opened 2 times", func(w *world) {
		w.post(journal.Payments, rich, postAccount, "", `{}`, accountAnswer{User: rich, Balance: new(int64), Created: epoch})
	}},
	{"an order is charged twice", Duplicated, "charged 2 times", func(w *world) {
		w.rows.Entries = append(w.rows.Entries, Entry{"e3", rich, 3, "CHARGE", 300, 400, paid, "", epoch})
	}},
	{"a finished order is not charged", Unexpected, "FINISHED, and charged 0 times", func(w *world) {
		w.rows.Entries = w.rows.Entries[:1]
	}},
	{"a cancelled order is charged", Unexpected, "CANCELLED, and charged 1 times", func(w *world) {
		w.rows.Entries[1].OrderID = dear
	}},
	{"a charge is of another amount", Unexpected, "charged otherwise", func(w *world) {
		w.rows.Entries[1].Amount, w.rows.Entries[1].BalanceAfter = 200, 800
	}},
	{"the decision is another", Unexpected, "decided", func(w *world) { w.rows.Decisions[0].Outcome = "DECLINED" }},
	{"there is no decision", Unexpected, "decided <nil>", func(w *world) { w.rows.Decisions = w.rows.Decisions[1:] }},
	{"a decision has no order", Unexpected, "a decision without an order", func(w *world) {
		w.rows.Decisions = append(w.rows.Decisions, Decision{"nobody's", rich, 5, "DECLINED", "INSUFFICIENT_FUNDS"})
	}},
	{"nobody asked for an order", Unexpected, "an order that nobody asked for", func(w *world) {
		w.rows.Orders[2].Description = "whatever"
	}},
	{"nobody asked for an account", Unexpected, "an account that nobody asked for", func(w *world) {
		w.rows.Accounts = append(w.rows.Accounts, Account{User: "chaos-ghost"})
	}},
	{"nobody asked for an entry", Unexpected, "an entry that nobody asked for", func(w *world) {
		w.rows.Entries = append(w.rows.Entries, Entry{"e3", rich, 3, "TOP_UP", 1, 701, "", "", epoch})
	}},
	{"a balance is not the ledger's", Unexpected, "breaks the ledger", func(w *world) { w.rows.Entries[1].BalanceAfter++ }},
	{"an entry is missing", Unexpected, "breaks the ledger", func(w *world) { w.rows.Entries = w.rows.Entries[1:] }},
	{"an order was declined though there was money", Unexpected, "declined for want of money", func(w *world) {
		w.rows.Orders[1].Amount, w.rows.Decisions[1].Amount = 700, 700
	}},
	{"an order was declined though there was an account", Unexpected, "declined for want of an account", func(w *world) {
		w.rows.Orders[1].CancelReason, w.rows.Decisions[1].DeclineReason = "ACCOUNT_NOT_FOUND", "ACCOUNT_NOT_FOUND"
	}},
	{"an order goes back to NEW", Unexpected, "went back to NEW", func(w *world) {
		w.get(journal.Orders, rich, "/orders/"+paid, w.fresh(0))
	}},
	{"an end changes", Unexpected, "another end", func(w *world) {
		w.rows.Orders[0].Updated = epoch.Add(time.Minute)
	}},
	{"an order is told otherwise than kept", Unexpected, "told", func(w *world) { w.rows.Orders[0].Amount++ }},
	{"an order is kept without its key", Unexpected, "kept as", func(w *world) { w.rows.Orders[0].Key = "" }},
	{"a top-up is kept without its key", Unexpected, "kept as", func(w *world) { w.rows.Entries[0].Key = "" }},
	{"a replay differs", Unexpected, "the reply differs", func(w *world) {
		w.of("POST", postOrder, 1).Answer += " "
	}},
	{"a first answer says to be a replay", Unexpected, "a replay of nothing", func(w *world) {
		w.of("POST", postOrder, 2).Replayed = true
	}},
	{"another request under the key is done", Unexpected, "not [422]", func(w *world) {
		w.post(journal.Orders, rich, postOrder, "order-key", `{"amount":301,"description":"first"}`, w.fresh(0))
	}},
	{"a refused order is there", Unexpected, "refused, and done", func(w *world) { refuse(w.of("POST", postOrder, 2), 400) }},
	{"a valid request is refused", Unexpected, "not [201]", func(w *world) { refuse(w.of("POST", postOrder, 2), 400) }},
	{"a lone order is in use", Unexpected, "not [201]", func(w *world) { refuse(w.of("POST", postOrder, 2), 409) }},
	{"an invalid request is not refused", Unexpected, "not 400", func(w *world) { refuse(w.of("POST", postOrder, 4), 422) }},
	{"an internal error", Unexpected, "not [201]", func(w *world) { refuse(w.of("POST", postOrder, 2), 500) }},
	{"a refusal is no problem", Unexpected, "not told as one", func(w *world) {
		w.refused("POST", journal.Orders, poor, postOrder, `{"amount":1,"description":"x"}`, 503).ContentType = "text/html"
	}},
	{"a 503 does not say when to come again", Unexpected, "not told as one", func(w *world) {
		w.refused("POST", journal.Orders, poor, postOrder, `{"amount":1,"description":"x"}`, 503).RetryAfter = ""
	}},
	{"a key in use does not say when to come again", Unexpected, "not told as one", func(w *world) {
		w.post(journal.Orders, poor, postOrder, "k", `{"amount":1,"description":"x"}`, w.fresh(2))
		refuse(&w.calls[len(w.calls)-1], http.StatusConflict)
	}},
	{"an answer does not come", Unexpected, "no answer in time", func(w *world) {
		w.lost(journal.Orders, poor, postOrder, "", `{"amount":1,"description":"x"}`).TimedOut = true
	}},
	{"an acknowledged order is not found", Lost, "not found, though told before", func(w *world) {
		w.refused("GET", journal.Orders, rich, "/orders/"+dear, "", http.StatusNotFound)
	}},
	{"another's order is shown", Unexpected, "not what is kept", func(w *world) {
		w.get(journal.Orders, poor, "/orders/"+paid, w.settled(0))
	}},
	{"an acknowledged order is not in the list", Lost, "is not in the list", func(w *world) {
		w.of("GET", "/orders?page_size=1&page_token=next", 0).Answer = `{"orders":[]}`
	}},
	{"a list is not in order", Unexpected, "is not older than", func(w *world) {
		w.get(journal.Orders, rich, "/orders", ordersAnswer{[]orderAnswer{w.settled(0), w.settled(1)}, ""})
	}},
	{"a balance was never there", Unexpected, "not a balance of that time", func(w *world) {
		w.get(journal.Payments, rich, "/accounts/balance", balance(701))
	}},
	{"a balance is of the past", Unexpected, "not a balance of that time", func(w *world) {
		w.get(journal.Payments, rich, "/accounts/balance", balance(1000))
	}},
	{"a top-up tells another balance", Unexpected, "told", func(w *world) {
		w.of("POST", postTopUp, 1).Answer = jsonOf(balance(1001))
	}},
	{"an account is not found", Lost, "no account, though told before", func(w *world) {
		w.refused("GET", journal.Payments, rich, "/accounts/balance", "", http.StatusNotFound)
	}},
	{"a known account is said to exist, and does not", Lost, "there is none", func(w *world) {
		w.lost(journal.Payments, poor, postAccount, "", `{}`)
		w.refused("POST", journal.Payments, poor, postAccount, `{}`, http.StatusConflict)
	}},
	{"the ledger's newest entry is not listed", Unexpected, "entry 2 is not", func(w *world) {
		w.get(journal.Payments, rich, "/accounts/transactions", entriesAnswer{[]entryAnswer{w.entry(0)}, ""})
	}},
	{"the ledger's oldest entry is not listed", Lost, "the list ends before entry 1", func(w *world) {
		w.get(journal.Payments, rich, "/accounts/transactions", entriesAnswer{[]entryAnswer{w.entry(1)}, ""})
	}},
	{"an entry comes before one that was there", Unexpected, "comes after it", func(w *world) {
		w.rows.Entries = []Entry{
			{"e1", rich, 1, "TOP_UP", 50, 50, "", "", epoch},
			{"e2", rich, 2, "TOP_UP", 1000, 1050, "", "top-up-key", epoch},
			{"e3", rich, 3, "CHARGE", 300, 750, paid, "", epoch},
		}
		w.post(journal.Payments, rich, postTopUp, "", `{"amount":50}`, balance(50))
	}},
}

func TestFindsEachLie(t *testing.T) {
	for _, lie := range lies {
		t.Run(lie.name, func(t *testing.T) {
			w := honest()
			lie.tell(w)
			verdict, err := Check(w.calls, &w.rows, 0)
			if err != nil {
				t.Fatal(err)
			}
			found := func(f Finding) bool { return f.Class == lie.class && strings.Contains(f.Text, lie.text) }
			if !slices.ContainsFunc(verdict.Findings, found) {
				t.Errorf("no %s finding %q in %q", lie.class, lie.text, verdict.Findings)
			}
		})
	}
}

func TestAnUnansweredWriteMayBeDoneOrNot(t *testing.T) {
	w := honest()
	w.lost(journal.Orders, poor, postOrder, "", `{"amount":1,"description":"not done"}`)
	w.refused("POST", journal.Orders, poor, postOrder, `{"amount":1,"description":"done"}`, http.StatusGatewayTimeout)
	const id = "00000000-0000-7000-8000-000000000004"
	w.rows.Orders = append(w.rows.Orders, Order{id, poor, 1, "done", "CANCELLED", "ACCOUNT_NOT_FOUND", "", epoch, epoch, false})
	w.rows.Decisions = append(w.rows.Decisions, Decision{id, poor, 1, "DECLINED", "ACCOUNT_NOT_FOUND"})
	verdict, err := Check(w.calls, &w.rows, 0)
	if err != nil {
		t.Fatal(err)
	}
	if verdict.Found != 1 || verdict.NotDone != 1 || len(verdict.Findings) > 0 {
		t.Errorf("%v %q", verdict, verdict.Findings)
	}
}

func TestTheSweeperMayHelpWhereMessagesWereDestroyed(t *testing.T) {
	w := honest()
	w.rows.Orders[0].Swept = true
	verdict, err := Check(w.calls, &w.rows, w.of("POST", postOrder, 0).End)
	if err != nil || len(verdict.Findings) > 0 {
		t.Errorf("%v %q", err, verdict.Findings)
	}
}

// Between a call's start and its end either balance may be told.
func TestABalanceBesideATopUpMayBeEither(t *testing.T) {
	for _, told := range []int64{0, 1000} {
		w := honest()
		topUp := w.of("POST", postTopUp, 1)
		w.get(journal.Payments, rich, "/accounts/balance", balance(told))
		read := &w.calls[len(w.calls)-1]
		read.Start, read.End = topUp.Start, topUp.End
		slices.SortStableFunc(w.calls, func(a, b journal.Call) int { return int(a.Start - b.Start) })
		verdict, err := Check(w.calls, &w.rows, 0)
		if err != nil || len(verdict.Findings) > 0 {
			t.Errorf("%d: %v %q", told, err, verdict.Findings)
		}
	}
}

func TestSaysNothingWhereItCannot(t *testing.T) {
	w := honest()
	w.post(journal.Orders, rich, postOrder, "", `{"amount":9,"description":"first"}`, w.fresh(0))
	if _, err := Check(w.calls, &w.rows, 0); err == nil {
		t.Error("two orders that cannot be told apart were judged")
	}
	if _, err := Check(nil, &Rows{}, 0); err == nil {
		t.Error("a run without writes was judged")
	}
}
