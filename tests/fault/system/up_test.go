package system

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

var application = []string{
	"services:orders-service", "services:payments-service",
	"edge:orders-gateway", "edge:payments-gateway", "edge:nginx",
}

// A running system of another version is brought up to date, and the new migrations fail: it works
// on, as it is. Without them the same `make up` renews it.
func TestAMigrationThatFailsLeavesTheRunningVersionAtWork(t *testing.T) {
	pretendOtherVersion(t)
	before := pidsOf(t)
	failing := "MIGRATIONS_DIR=" + rig.MigrationsWith(t, "orders", "SELECT 1 / 0;")
	if said, err := up(t, failing); err == nil || !strings.Contains(said, "the migration of orders failed") {
		t.Errorf("make up with a failing migration: %v: %s", err, said)
	}
	if err := allWell(t.Context()); err != nil {
		t.Error(err)
	}
	if after := pidsOf(t); !slices.Equal(after, before) {
		t.Errorf("processes %s became %s", before, after)
	}
	if said, err := up(t); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for i, pid := range pidsOf(t) {
		if pid == before[i] {
			t.Errorf("the other version of %s still runs", application[i])
		}
	}
}

func TestARunningSystemKeepsItsSettings(t *testing.T) {
	before := pidsOf(t)
	said, err := up(t, "AMQP_PORT=1", "ORDERS_AMQP_PASSWORD=other")
	if want := "AMQP_PORT ORDERS_AMQP_PASSWORD; make down first"; err == nil || !strings.Contains(said, want) {
		t.Errorf("%v: %q does not say %q", err, said, want)
	}
	if after := pidsOf(t); !slices.Equal(after, before) {
		t.Errorf("processes %s became %s", before, after)
	}
}

// pretendOtherVersion runs the application as if its binaries and configuration were others than
// those of the checkout.
func pretendOtherVersion(t *testing.T) {
	t.Helper()
	path := filepath.Join(os.Getenv("LOCAL_DIR"), "supervisord.conf")
	configuration, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.ReplaceAll(configuration, []byte(`SUM="`), []byte(`SUM="other`))
	if bytes.Equal(other, configuration) {
		t.Fatalf("%s has no sums of what it starts", path)
	}
	if err := os.WriteFile(path, other, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"update"}, {"start", "services:*", "edge:*"}} {
		if said, err := rig.Supervisorctl(t.Context(), command...); err != nil {
			t.Fatalf("%v: %v: %s", command, err, said)
		}
	}
	if err := support.Within(t.Context(), recoveryTimeout, allWell); err != nil {
		t.Fatal(err)
	}
}

func up(t *testing.T, settings ...string) (string, error) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*recoveryTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(rig.Checkout(), "deploy/local/up.sh"))
	command.Env = append(os.Environ(), settings...)
	said, err := command.CombinedOutput()
	return string(said), err
}

// pidsOf is in the order of application.
func pidsOf(t *testing.T) []string {
	t.Helper()
	pids, err := rig.Supervisorctl(t.Context(), append([]string{"pid"}, application...)...)
	if err != nil {
		t.Fatalf("%v: %s", err, pids)
	}
	return strings.Fields(pids)
}
