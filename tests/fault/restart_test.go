package fault

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// readInterval is between two balances asked for at one gateway.
const readInterval = 5 * time.Millisecond

// stopTimeout is STOP_DEADLINE_MS, after which a service ends at once.
const stopTimeout = 15 * time.Second

// Row 40.
func TestRestartingTheCopiesInTurnFailsNoRequest(t *testing.T) {
	spread := rig.Setup{Copies: 2, Spread: true}
	system := rig.Start(t, rig.Options{Orders: spread, Payments: spread})
	payers, load := startLoad(t, system, 5)
	readers, stopReaders := startReaders(t, readsOf(t, system, payers))
	for range shortOrLong(2, 20) {
		for _, each := range append(system.Orders.Copies, system.Payments.Copies...) {
			restart(t, each)
			awaitCall(t, each)
		}
	}
	load.Stop()
	stopReaders()
	result := load.Wait()
	for failure, count := range result.Failures {
		t.Errorf("%d orders failed by %s", count, failure)
	}
	readers.Wait()
	system.Audit(payers, result.Accepted)
}

// Row 40, with the only copy of each: what is refused meanwhile a retry mends.
func TestStoppingUnderLoadLosesNothing(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	payers, load := startLoad(t, system, 5)
	for range shortOrLong(2, 20) {
		restart(t, orders(system))
		awaitCall(t, orders(system))
		restart(t, payments(system))
		awaitApplied(t, payments(system))
	}
	load.Stop()
	system.Audit(payers, load.Wait().Accepted)
}

// restart ends a copy in an orderly way and starts it again.
func restart(t *testing.T, service *rig.Copy) {
	t.Helper()
	service.Terminate()
	if end := service.AwaitEnd(stopTimeout); end != "exit status 0" {
		t.Errorf("SIGTERM ended it with %q", end)
	}
	service.Start()
}

// awaitCall waits until the copy, in this life, has answered a call.
func awaitCall(t *testing.T, service *rig.Copy) {
	t.Helper()
	await(t, "a call after the restart", func(ctx context.Context) error {
		calls, err := service.ScrapeMetric(ctx, "rpc_calls_total")
		if err != nil {
			return err
		}
		return above(0, calls)
	})
}

type read struct{ url, user string }

// readsOf are balances at the gateways of payments, and an order at those of orders, told by a
// watch of it.
func readsOf(t *testing.T, system *rig.System, payers rig.Payers) []read {
	t.Helper()
	var reads []read
	for i, url := range system.Payments.URLs() {
		reads = append(reads, read{url + "/accounts/balance", payers.IDs[i]})
	}
	watcher := system.NewPayers(1, 100).IDs[0]
	for _, url := range system.Orders.URLs() {
		order, err := support.PostOrder(t.Context(), url, watcher, 1)
		if err != nil {
			t.Fatal(err)
		}
		reads = append(reads, read{url + "/orders/" + order.ID + "?wait=5s", watcher})
	}
	return reads
}

// startReaders asks until it is stopped; each answer that is not 200 fails the test.
func startReaders(t *testing.T, reads []read) (readers *sync.WaitGroup, stop func()) {
	ctx, stop := context.WithCancel(t.Context())
	readers = &sync.WaitGroup{}
	for _, each := range reads {
		readers.Go(func() {
			pace := time.NewTicker(readInterval)
			defer pace.Stop()
			for ctx.Err() == nil {
				<-pace.C
				status, body, err := support.Send(t.Context(), http.MethodGet, each.url, each.user, "")
				if err == nil && status != http.StatusOK {
					err = fmt.Errorf("%d %s", status, body)
				}
				if err != nil {
					t.Errorf("%s: %v", each.url, err)
				}
			}
		})
	}
	return readers, stop
}
