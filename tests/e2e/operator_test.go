package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheAuditOfARunningSystemEndsAsItsVerdict(t *testing.T) {
	program := filepath.Join(t.TempDir(), "operator")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "orderspayments/deploy/operator").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	u := newUser(t)
	u.openAccount()
	u.topUp(1000)
	u.settled(u.order(100, "coffee").ID)
	for name, test := range map[string]struct {
		setting, verdict string
		code             int
	}{
		"holds":            {verdict: "HOLDS", code: 0},
		"database unread":  {setting: "PAYMENTS_DB_PORT=1", verdict: "UNKNOWN", code: 2},
		"broker unread":    {setting: "AMQP_PORT=1", verdict: "UNKNOWN", code: 2},
		"wrong credential": {setting: "AUDITOR_PASSWORD=wrong", verdict: "UNKNOWN", code: 2},
	} {
		t.Run(name, func(t *testing.T) {
			audit := exec.CommandContext(t.Context(), program, "audit")
			audit.Env = append(os.Environ(), test.setting)
			output, err := audit.CombinedOutput()
			var ended *exec.ExitError
			if err != nil && !errors.As(err, &ended) {
				t.Fatal(err)
			}
			if code := audit.ProcessState.ExitCode(); code != test.code || !strings.Contains(string(output), test.verdict) {
				t.Errorf("exit code %d\n%s", code, output)
			}
		})
	}
}
