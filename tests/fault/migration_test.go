package fault

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

const failingMigration = `
CREATE TABLE half_way (id bigint PRIMARY KEY);
ALTER TABLE orders ADD COLUMN half_way bigint;
DROP TABLE outbox;
SELECT 1 / 0;
`

// Row 42. The next migration fails half way while orders-service works: it goes on working,
// on the schema as it was.
func TestAMigrationThatFailsHalfWayChangesNothing(t *testing.T) {
	system := rig.Start(t, rig.Options{})
	before := schemaOf(t, "orders")
	payers, load := startTimedLoad(system, perSecond, shortOrLong(8, 60))
	for range shortOrLong(1, 10) {
		migrateAndFail(t, "orders")
	}
	result := load.Wait()
	acceptedAll(t, result)
	if after := schemaOf(t, "orders"); after != before {
		t.Errorf("the schema was\n%s\nand now is\n%s", before, after)
	}
	system.Audit(payers, result.Accepted)
}

// migrateAndFail runs the migrations as `make up` does, with one more.
func migrateAndFail(t *testing.T, name string) {
	t.Helper()
	migrate := exec.CommandContext(t.Context(), filepath.Join(rig.Checkout(), "deploy/local/flyway.sh"), name, support.DatabasePort(name))
	migrate.Env = append(os.Environ(), "MIGRATIONS_DIR="+rig.MigrationsWith(t, name, failingMigration))
	output, err := migrate.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "division by zero") {
		t.Errorf("the migration did not fail as it should: %v: %s", err, output)
	}
}

// schemaOf tells all columns, indexes and migrations of the service's database.
func schemaOf(t *testing.T, name string) (schema string) {
	t.Helper()
	err := superuser(t, name).QueryRow(t.Context(), `
		SELECT string_agg(line, E'\n' ORDER BY line) FROM (
			SELECT format('%s.%s %s %s', table_name, column_name, data_type, is_nullable) AS line
			  FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT format('V%s %s', version, success) FROM flyway_schema_history) AS lines`).Scan(&schema)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
