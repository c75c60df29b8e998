package fault

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Rows 1 and 2. The caller of an order under whom the service died asks again.
func TestAnOrderUnderWhichItsServiceDiedIsMadeOnceByTheRetry(t *testing.T) {
	for _, strike := range []struct {
		failpoint string
		made      int // orders, when the service has died
	}{{"create_before_commit", 0}, {"create_after_commit", 1}} {
		t.Run(strike.failpoint, func(t *testing.T) {
			system, orders := startArmed(t, orders, strike.failpoint)
			payer := system.NewPayers(1, 2*price)
			place := func() (reply, error) {
				return postWithKey(t, orders.URL+"/orders", payer.IDs[0], fmt.Sprintf(`{"amount":%d}`, price))
			}
			expectNoSuccess(t, place)
			awaitStrike(t, orders, strike.failpoint)
			if made := countOrders(t, payer); made != strike.made {
				t.Errorf("%d orders after the strike", made)
			}
			disarm(orders)
			first, again := expectOnce(t, place, http.StatusCreated, strike.made == 1)
			if again.body != first.body {
				t.Errorf("told %s, then %s", first.body, again.body)
			}
			var order support.Order
			if err := json.Unmarshal([]byte(first.body), &order); err != nil {
				t.Fatal(err)
			}
			demandEnds(t, system.Audit(payer, []support.Order{order}), 1, 0)
		})
	}
}

// Row 1. The order is written when the service is killed, and the server, which does not know,
// commits it, or takes it back where the statement's time, 3 s, is up before.
func TestAnOrderIsMadeOnceByTheRetryWhoeverEndsItsStatement(t *testing.T) {
	for name, test := range map[string]struct {
		lasting time.Duration
		made    int // orders, when the server has done with it
	}{"commits": {500 * time.Millisecond, 1}, "takes back": {4 * time.Second, 0}} {
		t.Run(name, func(t *testing.T) {
			system := rig.Start(t, rig.Options{})
			orders := orders(system)
			payer := system.NewPayers(1, 2*price)
			place := func() (reply, error) {
				return postWithKey(t, orders.URL+"/orders", payer.IDs[0], fmt.Sprintf(`{"amount":%d}`, price))
			}
			lift := dawdle(t, payer.IDs[0], test.lasting)
			var told reply
			var err error
			asked := make(chan struct{})
			go func() {
				told, err = place()
				close(asked)
			}()
			awaitDawdling(t)
			orders.Kill()
			<-asked
			if err == nil && told.status < http.StatusInternalServerError {
				t.Errorf("told %+v", told)
			}
			awaitAllCommitted(t)
			if made := countOrders(t, payer); made != test.made {
				t.Errorf("%d orders after the kill", made)
			}
			lift()
			orders.Start()
			orders.AwaitHealthy()
			expectOnce(t, place, http.StatusCreated, test.made == 1)
			demandEnds(t, system.Audit(payer, nil), 1, 0)
		})
	}
}

// Money that is paid in arrives once, wherever payments-service dies under it.
func TestATopUpUnderWhichItsServiceDiedIsPaidInOnceByTheRetry(t *testing.T) {
	for failpoint, done := range map[string]bool{"top_up_before_commit": false, "top_up_after_commit": true} {
		t.Run(failpoint, func(t *testing.T) {
			system, payments := startArmed(t, payments, failpoint)
			payer := rig.Payers{IDs: []string{"fault-" + rand.Text()}, PaidIn: price}
			expectStatus(t, openAccount(t, payments, payer), http.StatusCreated)
			expectNoSuccess(t, topUp(t, payments, payer))
			awaitStrike(t, payments, failpoint)
			disarm(payments)
			expectOnce(t, topUp(t, payments, payer), http.StatusOK, done)
			demandEnds(t, system.Audit(payer, system.PlaceOrders(payer.IDs[0], price, price)), 1, 1)
		})
	}
}

// An account needs no key: it is its user's only one.
func TestAnAccountUnderWhichItsServiceDiedIsOpenedOnce(t *testing.T) {
	for failpoint, retried := range map[string]int{
		"create_account_before_commit": http.StatusCreated, "create_account_after_commit": http.StatusConflict,
	} {
		t.Run(failpoint, func(t *testing.T) {
			system, payments := startArmed(t, payments, failpoint)
			payer := rig.Payers{IDs: []string{"fault-" + rand.Text()}, PaidIn: price}
			expectNoSuccess(t, openAccount(t, payments, payer))
			awaitStrike(t, payments, failpoint)
			disarm(payments)
			expectStatus(t, openAccount(t, payments, payer), retried)
			expectStatus(t, topUp(t, payments, payer), http.StatusOK)
			demandEnds(t, system.Audit(payer, system.PlaceOrders(payer.IDs[0], price, price)), 1, 1)
		})
	}
}

// startArmed runs a system in which one service dies at the failpoint.
func startArmed(t *testing.T, which func(*rig.System) *rig.Copy, failpoint string) (*rig.System, *rig.Copy) {
	t.Helper()
	system := rig.Prepare(t, rig.Options{})
	armed := which(system)
	armed.Set("FAILPOINTS", failpoint+"=abort")
	system.Start()
	return system, armed
}

// disarm starts what has died, without its failpoint.
func disarm(service *rig.Copy) {
	service.Set("FAILPOINTS", "")
	service.Start()
	service.AwaitHealthy()
}

// call is one that can be made again, with the same key.
type call func() (reply, error)

// reply is what a caller is told.
type reply struct {
	status   int
	replayed string
	body     string
}

func openAccount(t *testing.T, payments *rig.Copy, payer rig.Payers) call {
	return func() (reply, error) { return postWithKey(t, payments.URL+"/accounts", payer.IDs[0], "{}") }
}

func topUp(t *testing.T, payments *rig.Copy, payer rig.Payers) call {
	return func() (reply, error) {
		return postWithKey(t, payments.URL+"/accounts/topup", payer.IDs[0], fmt.Sprintf(`{"amount":%d}`, payer.PaidIn))
	}
}

func postWithKey(t *testing.T, url, user, body string) (reply, error) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("X-User-Id", user)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "one-for-each-user")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	told, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header.Get("Idempotent-Replayed"), string(told)}, err
}

func expectStatus(t *testing.T, do call, status int) {
	t.Helper()
	if told, err := do(); err != nil || told.status != status {
		t.Errorf("told %+v, %v, not %d", told, err, status)
	}
}

// expectNoSuccess is for the call under which the service dies.
func expectNoSuccess(t *testing.T, do call) {
	t.Helper()
	if told, err := do(); err == nil && told.status < http.StatusInternalServerError {
		t.Errorf("told %+v", told)
	}
}

// expectOnce asks twice: the second time is a replay, and the first one where it was done
// already.
func expectOnce(t *testing.T, do call, status int, done bool) (first, again reply) {
	t.Helper()
	first, err := do()
	if err != nil || first.status != status || (first.replayed == "true") != done {
		t.Errorf("the retry is told %+v, %v", first, err)
	}
	again, err = do()
	if err != nil || again.status != status || again.replayed != "true" {
		t.Errorf("the second retry is told %+v, %v", again, err)
	}
	return first, again
}

func countOrders(t *testing.T, payers rig.Payers) (count int) {
	t.Helper()
	err := superuser(t, "orders").QueryRow(t.Context(), `SELECT count(*) FROM orders WHERE user_id = ANY($1)`, payers.IDs).Scan(&count)
	if err != nil {
		t.Error(err)
	}
	return count
}
