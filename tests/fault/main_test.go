// Package fault strikes services, databases and the broker under load and demands that
// nothing promised is lost or done twice. docs/faults.md says which test proves what. The
// tests run one after the other, on the infrastructure of LOCAL_DIR (deploy/local/up.sh
// infra), which they strike, too; see package rig.
package fault

import (
	"os"
	"testing"

	"orderspayments/tests/fault/rig"
)

// long selects the long forms: hundreds of kills, minutes away. The short ones take seconds.
var long = os.Getenv("FAULT_LONG") == "1"

// shortOrLong is the size of a test.
func shortOrLong[T any](short, longer T) T {
	if long {
		return longer
	}
	return short
}

func TestMain(m *testing.M) { os.Exit(rig.Main(m)) }
