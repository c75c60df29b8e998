package fault

import (
	"strings"
	"testing"

	"orderspayments/tests/fault/postgres"
	"orderspayments/tests/fault/rig"
)

// Row 50. The databases of both services fail over twice under load: first the primary is
// demoted, and refuses to write (25006), then the new one is killed. The standby is synchronous,
// so it has whatever was acknowledged.
func TestAFailoverOfTheDatabasesLosesNothing(t *testing.T) {
	first := postgres.New(t, postgres.Folder(t, "first"))
	second := first.Standby(postgres.Folder(t, "second"))
	system := rig.Start(t, rig.Options{
		Orders:   rig.Setup{Env: eitherServer("orders", first, second)},
		Payments: rig.Setup{Env: eitherServer("payments", first, second)},
	})
	payers, load := startLoad(t, system, 2)
	awaitApplied(t, payments(system))

	first.Demote()
	second.Promote()
	awaitAccepted(t, orders(system).URL, payers.IDs[0])

	first.Stop()
	first.Follow(second)
	awaitAccepted(t, orders(system).URL, payers.IDs[0])
	second.Kill()
	first.Promote()
	awaitAccepted(t, orders(system).URL, payers.IDs[0])

	load.Stop()
	auditServer(t, first)
	system.Audit(payers, load.Wait().Accepted)
}

// eitherServer is how a service is told of a primary and its standby.
func eitherServer(name string, servers ...*postgres.Server) rig.Env {
	var hosts, ports []string
	for _, server := range servers {
		hosts, ports = append(hosts, "127.0.0.1"), append(ports, server.Port)
	}
	url := rig.DatabaseURL(name, strings.Join(ports, ","))
	return rig.Env{"DATABASE_URL": strings.Replace(url, "host=127.0.0.1 ", "host="+strings.Join(hosts, ",")+" ", 1)}
}

// auditServer makes the audit look into the databases of a server of the test's own.
func auditServer(t *testing.T, server *postgres.Server) {
	t.Helper()
	t.Setenv("ORDERS_DB_PORT", server.Port)
	t.Setenv("PAYMENTS_DB_PORT", server.Port)
}
