package fault

import (
	"errors"
	"io"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// promptly is far below what a stop may take in all, and what a watch may last.
const promptly = 5 * time.Second

// Row 40, for those who watch an order: a stop does not wait for them, and another copy
// takes them over.
func TestAWatchEndsWithItsCopyAndGoesOnAtAnother(t *testing.T) {
	system := rig.Start(t, rig.Options{Orders: rig.Setup{Copies: 2, Spread: true}})
	gateway := system.Orders.URLs()[0]
	user := system.NewPayers(1, 100).IDs[0]
	system.Payments.Kill()
	order, err := support.PostOrder(t.Context(), gateway, user, 100)
	if err != nil {
		t.Fatal(err)
	}
	watch := func() *support.Events {
		events, err := support.OpenEvents(t.Context(), gateway, user, order.ID)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { events.Close() })
		return events
	}
	terminate := func(each *rig.Copy) {
		each.Terminate()
		if end := each.AwaitEnd(promptly); end != "exit status 0" {
			t.Errorf("SIGTERM ended it with %q", end)
		}
	}

	events := watch()
	if got := nextStatus(t, events); got != "NEW" {
		t.Fatalf("got %q", got)
	}
	for _, strike := range []func(*rig.Copy){terminate, func(each *rig.Copy) { each.Kill() }} {
		struck := watchedBy(t, system.Orders)
		strike(struck)
		if got := nextStatus(t, events); got != "" {
			t.Errorf("after its copy had gone: %q", got)
		}
		events = watch()
		if got := nextStatus(t, events); got != "NEW" {
			t.Errorf("at the other copy: %q", got)
		}
		struck.Start()
		struck.AwaitHealthy()
	}
	system.Payments.Start()
	if got := nextStatus(t, events); got != "FINISHED" {
		t.Errorf("at the end: %q", got)
	}
}

// watchedBy is the copy that has a watch, the only one there is.
func watchedBy(t *testing.T, service *rig.Service) *rig.Copy {
	t.Helper()
	for _, each := range service.Copies {
		if each.Metric("rpc_streams_open") > 0 {
			return each
		}
	}
	t.Fatal("no copy has a watch")
	return nil
}

// nextStatus is that of the order in the next event; "" when the stream has come to a clean end.
func nextStatus(t *testing.T, events *support.Events) string {
	t.Helper()
	order, err := events.Next()
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return order.Status
}
