package fault

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Row 48. Requests of a few accounts, many of them repeated, wait in the queue, so that
// the consumer finds whole batches; what it decides is what one request after the other
// would have been answered.
func TestABatchIsDecidedAsOneRequestAfterTheOther(t *testing.T) {
	for seed := range uint64(shortOrLong(2, 50)) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { decideBatches(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}

func decideBatches(t *testing.T, random *rand.Rand) {
	const accounts, ordersEach, amountMax = 3, 40, 100
	system := rig.Start(t, rig.Options{})
	// Without the relay, requests come as this test sends them.
	restartOrders(system, "api")
	payers := system.NewPayers(accounts, ordersEach*amountMax/4)
	system.Payments.Kill()
	var placed []support.Order
	for _, payer := range payers.IDs {
		amounts := make([]int64, ordersEach)
		for i := range amounts {
			amounts[i] = 1 + random.Int64N(amountMax)
		}
		placed = append(placed, system.PlaceOrders(payer, amounts...)...)
	}
	requests := inAnyOrderSomeTwice(random, placed)
	requestPayments(t, requests)
	system.Payments.Start()
	awaitAppliedInAll(t, system.Payments, len(requests))
	compareDecisions(t, decisionsOneByOne(payers, requests), decisions(t, payers))

	restartOrders(system, "api,relay,consumer")
	system.Audit(payers, placed)
}

// restartOrders is for what the service is to be from now on.
func restartOrders(system *rig.System, roles string) {
	system.Orders.Kill()
	system.Orders.Set("ROLES", roles)
	system.Orders.Start()
	system.Orders.AwaitHealthy()
}

// inAnyOrderSomeTwice has each order at least once, and half as many repetitions, which
// often follow each other closely.
func inAnyOrderSomeTwice(random *rand.Rand, placed []support.Order) []support.Order {
	var requests []support.Order
	for _, i := range random.Perm(len(placed)) {
		requests = append(requests, placed[i])
		if random.IntN(4) == 0 {
			requests = append(requests, placed[i])
		}
		if random.IntN(4) == 0 {
			requests = append(requests, requests[random.IntN(len(requests))])
		}
	}
	return requests
}

// decisionsOneByOne tells of each order whether it is paid.
func decisionsOneByOne(payers rig.Payers, requests []support.Order) map[string]bool {
	balances := map[string]int64{}
	for _, payer := range payers.IDs {
		balances[payer] = payers.PaidIn
	}
	paid := map[string]bool{}
	for _, request := range requests {
		if _, decided := paid[request.ID]; decided {
			continue
		}
		paid[request.ID] = request.Amount <= balances[request.UserID]
		if paid[request.ID] {
			balances[request.UserID] -= request.Amount
		}
	}
	return paid
}

func decisions(t *testing.T, payers rig.Payers) map[string]bool {
	t.Helper()
	rows, err := superuser(t, "payments").Query(t.Context(), `
		SELECT order_id::text, outcome = 'SUCCEEDED' FROM payment_transactions WHERE user_id = ANY($1)`, payers.IDs)
	if err != nil {
		t.Fatal(err)
	}
	paid := map[string]bool{}
	var order string
	var succeeded bool
	if _, err := pgx.ForEachRow(rows, []any{&order, &succeeded}, func() error {
		paid[order] = succeeded
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return paid
}

func compareDecisions(t *testing.T, want, got map[string]bool) {
	t.Helper()
	both := map[bool]bool{}
	for order, paid := range want {
		both[paid] = true
		if decided, exists := got[order]; !exists || decided != paid {
			t.Errorf("order %s: paid %t, decided at all %t; one by one: %t", order, decided, exists, paid)
		}
	}
	if len(got) != len(want) || len(both) != 2 {
		t.Errorf("%d decisions on %d orders, of both kinds: %t", len(got), len(want), len(both) == 2)
	}
}
