package fault

import (
	"context"
	"fmt"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// The load that most tests strike: enough for batches, little enough for two cores.
const (
	price     = 7
	perSecond = 100
	users     = 20
	// loadTimeMax ends a load that nobody stops.
	loadTimeMax = 10 * time.Minute

	// noticeTimeout is for what a healthy system under load does at once.
	noticeTimeout = 20 * time.Second
)

// startLoad makes orders until it is stopped, by users who can pay for those of so many seconds:
// stopped after twice as long, half of the orders are declined.
func startLoad(t *testing.T, system *rig.System, paidSeconds int) (rig.Payers, *rig.RunningLoad) {
	t.Helper()
	payers := system.NewPayers(users, int64(price*perSecond*paidSeconds/users))
	return payers, system.StartLoad(rig.Load{Payers: payers, Amount: price, PerSecond: perSecond, Duration: loadTimeMax})
}

// awaitApplied waits until the copy, in this life, has applied an event.
func awaitApplied(t *testing.T, service *rig.Copy) {
	t.Helper()
	await(t, "an event applied", func(ctx context.Context) error {
		applied, err := service.ScrapeMetric(ctx, "inbox_events_applied_total")
		if err != nil {
			return err
		}
		return above(0, applied)
	})
}

func await(t *testing.T, what string, ask func(context.Context) error) {
	t.Helper()
	awaitWithin(t, noticeTimeout, what, ask)
}

func awaitWithin(t *testing.T, limit time.Duration, what string, ask func(context.Context) error) {
	t.Helper()
	if err := support.Within(t.Context(), limit, ask); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func above(least, value float64) error {
	if value <= least {
		return fmt.Errorf("%v, not above %v", value, least)
	}
	return nil
}
