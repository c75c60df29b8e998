package fault

import (
	"context"
	"testing"

	"orderspayments/tests/fault/rig"
)

// Row 22.
func TestPaymentsKilledWithDeliveriesInHandChargesOnce(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	payments := payments(system)
	payers, load := startLoad(t, system, 1)
	for range shortOrLong(20, 200) {
		awaitApplied(t, payments)
		payments.Kill()
		payments.Start()
	}
	payments.AwaitHealthy()
	load.Stop()
	system.Audit(payers, load.Wait().Accepted)
}

// Row 3.
func TestGatewayKilledInMidCallLosesNoOrder(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	orders := orders(system)
	payers, load := startLoad(t, system, 1)
	for range shortOrLong(10, 50) {
		before := orders.Metric("rpc_calls_total")
		await(t, "a call", func(ctx context.Context) error { return above(before, orders.Metric("rpc_calls_total")) })
		orders.Gateway.Kill()
		orders.Gateway.Start()
	}
	orders.AwaitHealthy()
	load.Stop()
	system.Audit(payers, load.Wait().Accepted)
}
