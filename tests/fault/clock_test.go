package fault

import (
	"path/filepath"
	"testing"

	"orderspayments/tests/fault/rig"
)

// Row 38. Of two copies of each service one is an hour ahead and one an hour behind: a
// "now" of their own decides on no money, no claim and no settling.
func TestClocksAnHourApartHarmNothing(t *testing.T) {
	system := rig.Prepare(t, rig.Options{Orders: rig.Setup{Copies: 2}, Payments: rig.Setup{Copies: 2}})
	for _, service := range []*rig.Service{system.Orders, system.Payments} {
		skewClock(t, service.Copies[0], "+1h")
		skewClock(t, service.Copies[1], "-1h")
	}
	system.Start()
	payers, load := startTimedLoad(system, perSecond, shortOrLong(4, 60))
	result := load.Wait()
	acceptedAll(t, result)
	system.Audit(payers, result.Accepted)
	expectSkew(t, payers)
}

// expectSkew demands orders of the future and of the past.
func expectSkew(t *testing.T, payers rig.Payers) {
	t.Helper()
	var ahead, behind int
	err := superuser(t, "orders").QueryRow(t.Context(), `
		SELECT count(*) FILTER (WHERE create_time > now() + interval '30 min'),
		       count(*) FILTER (WHERE create_time < now() - interval '30 min')
		  FROM orders WHERE user_id = ANY($1)`, payers.IDs).Scan(&ahead, &behind)
	if err != nil || ahead == 0 || behind == 0 {
		t.Errorf("%d orders made by a clock ahead, %d by one behind: %v", ahead, behind, err)
	}
}

// skewClock moves the time of day that the service sees; what it measures with a steady clock
// stays right.
func skewClock(t *testing.T, service *rig.Copy, offset string) {
	t.Helper()
	libraries, err := filepath.Glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
	if err != nil || len(libraries) == 0 {
		t.Fatalf("the package faketime is not installed: %v", err)
	}
	service.Set("LD_PRELOAD", libraries[0])
	service.Set("FAKETIME", offset)
	service.Set("FAKETIME_DONT_FAKE_MONOTONIC", "1")
}
