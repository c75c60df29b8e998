package fault

import (
	"strings"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// The arrows of the flow from the POST to the settled order, by their failpoints, in order;
// docs/protocol.md names them.
var arrows = []struct {
	failpoint string
	service   func(*rig.System) *rig.Copy
}{
	{"create_before_commit", orders},
	{"create_after_commit", orders},
	{"request_after_publish", orders},
	{"request_after_confirm", orders},
	{"request_after_delete", orders},
	{"charge_before_commit", payments},
	{"charge_after_commit", payments},
	{"charge_after_ack", payments},
	{"answer_after_publish", payments},
	{"answer_after_confirm", payments},
	{"answer_after_delete", payments},
	{"settle_before_commit", orders},
	{"settle_after_commit", orders},
	{"settle_after_ack", orders},
}

func orders(system *rig.System) *rig.Copy   { return system.Orders.Copies[0] }
func payments(system *rig.System) *rig.Copy { return system.Payments.Copies[0] }

const (
	// strikeHit is late enough for a load under way, and for what the strike before left.
	strikeHit     = "20"
	strikeTimeout = 20 * time.Second
)

// Rows 1, 2, 19 and 28 under load, and every arrow between them.
func TestNothingIsLostOrDoubledWhenAServiceDiesAtAnArrow(t *testing.T) {
	for _, arrow := range arrows {
		t.Run(arrow.failpoint, func(t *testing.T) {
			system := rig.Prepare(t, rig.Options{})
			struck := arrow.service(system)
			struck.Set("FAILPOINTS", arrow.failpoint+"=abort@"+strikeHit)
			system.Start()
			payers, load := startLoad(t, system, 1)
			awaitStrike(t, struck, arrow.failpoint)
			struck.Set("FAILPOINTS", "")
			struck.Start()
			struck.AwaitHealthy()
			awaitApplied(t, struck)
			load.Stop()
			system.Audit(payers, load.Wait().Accepted)
		})
	}
}

// Row 19. The broker had confirmed, the row was not deleted yet.
func TestARequestWhoseConfirmWasForgottenIsSentAgainAndChargedOnce(t *testing.T) {
	system := rig.Prepare(t, rig.Options{Orders: rig.Setup{Copies: 2}})
	api, relay := system.Orders.Copies[0], system.Orders.Copies[1]
	api.Set("ROLES", "api") // it lives, and answers
	relay.Set("ROLES", "relay,consumer")
	relay.Set("FAILPOINTS", "request_after_confirm=abort")
	system.Start()
	payer := system.NewPayers(1, 2*price)
	order, err := support.PostOrder(t.Context(), api.URL, payer.IDs[0], price)
	if err != nil {
		t.Fatal(err)
	}
	awaitStrike(t, relay, "request_after_confirm")
	awaitAppliedInAll(t, system.Payments, 1)
	relay.Set("FAILPOINTS", "")
	relay.Start()
	awaitAppliedInAll(t, system.Payments, 2)
	demandEnds(t, system.Audit(payer, []support.Order{order}), 1, 0)
}

// Row 28. The decision was committed, the delivery not acked.
func TestARequestThatWasDecidedButNotAckedIsDeliveredAgainAndChargedOnce(t *testing.T) {
	system := rig.Prepare(t, rig.Options{})
	payments := payments(system)
	payments.Set("FAILPOINTS", "charge_after_commit=abort")
	system.Start()
	payer := system.NewPayers(1, 2*price)
	placed := system.PlaceOrders(payer.IDs[0], price)
	awaitStrike(t, payments, "charge_after_commit")
	decided := decisions(t, payer)
	if !decided[placed[0].ID] {
		t.Errorf("decided before the restart: %v", decided)
	}
	payments.Set("FAILPOINTS", "")
	payments.Start()
	awaitApplied(t, payments)
	demandEnds(t, system.Audit(payer, placed), 1, 0)
}

// awaitStrike waits for the service's death at the failpoint, and at no other place.
func awaitStrike(t *testing.T, service *rig.Copy, failpoint string) {
	t.Helper()
	if end := service.AwaitEnd(strikeTimeout); end != "signal: killed" {
		t.Fatalf("ended with %q", end)
	}
	if !strings.Contains(service.Log(), `"message":"failpoint ends this process","failpoint":"`+failpoint+`"`) {
		t.Fatalf("did not die at %s", failpoint)
	}
}
