// Package system kills the parts of a running system under load and demands that nothing
// promised is lost. It needs the right to signal them, so it is for a system of its own:
// its supervisor is that of LOCAL_DIR. Further settings are those of package support.
package system

import (
	"context"
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

const (
	ordersPerSecond = 100
	// ordersInFlightMax is what 15 s without an answer, the longest there is, can pile up.
	ordersInFlightMax = 1500
	users             = 20
	price             = 7

	// recoveryTimeout is from the strike to the struck part running anew, both services
	// healthy and the broker taking clients, whose own start takes most of it; settleTimeout
	// is from there, or from the end of the load, to the end of the last order.
	recoveryTimeout = 60 * time.Second
	settleTimeout   = 30 * time.Second
)

func TestMain(m *testing.M) {
	if os.Getenv("LOCAL_DIR") == "" {
		fmt.Fprintln(os.Stderr, "LOCAL_DIR must name the system to strike: these tests kill its parts.")
		os.Exit(1)
	}
	for _, url := range []string{support.OrdersURL, support.PaymentsURL} {
		if err := support.Healthy(context.Background(), url); err != nil {
			fmt.Fprintf(os.Stderr, "The system is not there (start it with `make up`): %v\n", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func TestNothingIsLostWhenAPartIsKilled(t *testing.T) {
	for _, part := range []string{
		"services:orders-service", "services:payments-service", "edge:orders-gateway", "edge:payments-gateway",
		"infrastructure:rabbitmq", "infrastructure:postgres-orders", "infrastructure:postgres-payments",
	} {
		t.Run(part, func(t *testing.T) {
			underLoad(t, func(time.Duration) { killAndRecover(t, part) })
		})
	}
}

// A frozen process is worse than a dead one: its kernel goes on taking and acknowledging data.
func TestNothingIsLostWhenAPartIsFrozen(t *testing.T) {
	for _, part := range []string{"infrastructure:rabbitmq", "infrastructure:postgres-orders", "infrastructure:postgres-payments"} {
		t.Run(part, func(t *testing.T) {
			underLoad(t, func(load time.Duration) { freezeAndRecover(t, part, load/2) })
		})
	}
}

// underLoad strikes after a third of the load, and audits when it is over and all is quiet.
func underLoad(t *testing.T, strike func(load time.Duration)) {
	ctx := t.Context()
	seconds, err := support.PositiveSetting("FAULT_LOAD_SECONDS", 12)
	if err != nil {
		t.Fatal(err)
	}
	// Money for half of the orders, so that some are paid and some are declined.
	money := int64(price * ordersPerSecond * seconds / users / 2)
	payers, err := support.NewUsers(ctx, support.PaymentsURL, "fault", users, money)
	if err != nil {
		t.Fatal(err)
	}
	load := support.Load{
		URLs: []string{support.OrdersURL}, Users: payers, Amount: price, PerSecond: ordersPerSecond,
		Duration: time.Duration(seconds) * time.Second, InFlightMax: ordersInFlightMax,
	}
	var result *support.LoadResult
	var group sync.WaitGroup
	group.Go(func() { result = load.Run(ctx) })
	group.Go(func() {
		<-time.After(load.Duration / 3)
		strike(load.Duration)
	})
	group.Wait()
	t.Log(result)
	for _, failure := range result.Unexcused() {
		t.Errorf("refused by %s", failure)
	}
	if len(result.Accepted) == 0 {
		t.Error("nothing was accepted")
	}
	audit(t, payers, money, result.Accepted)
}

// killAndRecover runs beside the test, which it must not end: it reports by t.Error.
func killAndRecover(t *testing.T, part string) {
	ctx := t.Context()
	old, err := rig.PIDOf(ctx, part)
	if err != nil {
		t.Error(err)
		return
	}
	struck := time.Now()
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Errorf("kill %s, process %d: %v", part, old, err)
		return
	}
	err = support.Within(ctx, recoveryTimeout, func(ctx context.Context) error { return recovered(ctx, part, old) })
	if err != nil {
		t.Errorf("%s does not come back: %v", part, err)
		return
	}
	t.Logf("all well again after %v", time.Since(struck).Round(time.Millisecond))
}

func recovered(ctx context.Context, part string, old int) error {
	pid, err := rig.PIDOf(ctx, part)
	if err != nil {
		return err
	}
	if pid == old {
		return fmt.Errorf("%s is still process %d", part, old)
	}
	return allWell(ctx)
}

// freezeAndRecover runs beside the test, as killAndRecover does.
func freezeAndRecover(t *testing.T, part string, frozen time.Duration) {
	ctx := t.Context()
	pid, err := rig.PIDOf(ctx, part)
	if err != nil {
		t.Errorf("freeze %s: %v", part, err)
		return
	}
	thaw, err := rig.FreezeTree(pid)
	<-time.After(frozen)
	thaw()
	if err != nil {
		t.Errorf("freeze %s: %v", part, err)
		return
	}
	thawed := time.Now()
	if err := support.Within(ctx, recoveryTimeout, allWell); err != nil {
		t.Errorf("after %s was frozen: %v", part, err)
		return
	}
	t.Logf("all well again after %v", time.Since(thawed).Round(time.Millisecond))
}

// The broker is asked itself: without it both services are healthy.
func allWell(ctx context.Context) error {
	for _, url := range []string{support.OrdersURL, support.PaymentsURL} {
		if err := support.Healthy(ctx, url); err != nil {
			return err
		}
	}
	return support.BrokerAccepts()
}

func audit(t *testing.T, payers []string, money int64, accepted []support.Order) {
	t.Helper()
	ctx := t.Context()
	found, err := support.OpenAudit(ctx, payers, money)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close(ctx)
	over := time.Now()
	if err := support.Within(ctx, settleTimeout, found.Quiet); err != nil {
		t.Error(err)
	}
	ends, err := found.Ends(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("quiet %v after the load: %v", time.Since(over).Round(time.Millisecond), ends)
	if ends["FINISHED"] == 0 || ends["CANCELLED"] == 0 {
		t.Error("not both ends were reached")
	}
	if err := found.Check(ctx, accepted); err != nil {
		t.Error(err)
	}
}
