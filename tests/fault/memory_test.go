package fault

import (
	"context"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// Row 44. With deliveries in hand allocations fail, which the service survives or not; then it
// is killed, as the kernel does when a container is out of memory.
func TestPaymentsOutOfMemoryChargesOnce(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	payments := payments(system)
	payments.KeepRunning()
	payers, load := startLoad(t, system, 1)
	failed := false
	for range shortOrLong(2, 30) {
		awaitApplied(t, payments)
		starts := payments.Starts()
		allowNoMoreMemory(t, payments)
		readMuch(t.Context(), payments.URL, payers.IDs)
		failed = failed || payments.Starts() > starts || strings.Contains(payments.Log(), "bad_alloc")
		payments.Kill()
	}
	payments.AwaitHealthy()
	if !failed {
		t.Error("no allocation failed")
	}
	load.Stop()
	system.Audit(payers, load.Wait().Accepted)
}

// allowNoMoreMemory holds for this life of the process.
func allowNoMoreMemory(t *testing.T, process *rig.Copy) {
	t.Helper()
	if output, err := exec.Command("prlimit", "--pid", strconv.Itoa(process.PID()), "--data=1").CombinedOutput(); err != nil {
		t.Errorf("prlimit: %v: %s", err, output)
	}
}

// readMuch makes a service need memory. What it answers is not looked at.
func readMuch(ctx context.Context, gateway string, users []string) {
	const reads, readers = 2000, 100
	var group errgroup.Group
	group.SetLimit(readers)
	for i := range reads {
		group.Go(func() error {
			support.Send(ctx, http.MethodGet, gateway+"/accounts/transactions?page_size=200", users[i%len(users)], "")
			return nil
		})
	}
	group.Wait()
}
