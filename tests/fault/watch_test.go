package fault

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
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
	watch := func() *bufio.Reader { return openEvents(t, gateway+"/orders/"+order.ID+"/events", user) }
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

// openEvents begins a stream of an order's changes.
func openEvents(t *testing.T, url, user string) *bufio.Reader {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-User-Id", user)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(response.Body)
		t.Fatalf("got %s %s", response.Status, body)
	}
	return bufio.NewReader(response.Body)
}

// nextStatus is that of the order in the next event; "" when the stream has come to a clean end.
func nextStatus(t *testing.T, events *bufio.Reader) string {
	t.Helper()
	for {
		line, err := events.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, isData := strings.CutPrefix(line, "data: "); isData {
			var order support.Order
			if err := json.Unmarshal([]byte(data), &order); err != nil {
				t.Fatal(err)
			}
			return order.Status
		}
	}
}
