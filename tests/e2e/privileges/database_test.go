// Package privileges tries what nobody of a running system may do: each service, the auditor
// and the operator get as far as they need, and no further. Settings are those of package
// support. Where a right is there that should not be, no row is changed and no message is taken;
// an exchange, a queue or a binding may be left at the broker.
package privileges

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"orderspayments/deploy/operator/audit"
	"orderspayments/tests/support"
)

const insufficientPrivilege = "42501"

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close(context.Background()) })
	return connection
}

// may tries a statement, and takes it back.
func may(t *testing.T, connection *pgx.Conn, statement string) bool {
	t.Helper()
	transaction, err := connection.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer transaction.Rollback(t.Context())
	_, err = transaction.Exec(t.Context(), statement)
	var refusal *pgconn.PgError
	if err != nil && (!errors.As(err, &refusal) || refusal.Code != insufficientPrivilege) {
		t.Errorf("%s: %v", statement, err)
	}
	return err == nil
}

// rightsTo are the statements that a role may run, "UPDATE" followed by the columns.
func rightsTo(t *testing.T, connection *pgx.Conn, table string) string {
	t.Helper()
	rows, err := connection.Query(t.Context(), `
		SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, table)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var rights []string
	for right, statement := range map[string]string{
		"SELECT":   "SELECT 1 FROM " + table + " WHERE false",
		"INSERT":   "INSERT INTO " + table + " SELECT (NULL::" + table + ").* WHERE false",
		"DELETE":   "DELETE FROM " + table + " WHERE false",
		"TRUNCATE": "TRUNCATE " + table,
		"ALTER":    "ALTER TABLE " + table + " ADD COLUMN intruder text",
		"DROP":     "DROP TABLE " + table,
		"INDEX":    "CREATE INDEX ON " + table + " (" + columns[0] + ")",
		"TRIGGER":  "CREATE TRIGGER intruder BEFORE INSERT ON " + table + " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
		"GRANT":    "ALTER TABLE " + table + " OWNER TO CURRENT_USER",
	} {
		if may(t, connection, statement) {
			rights = append(rights, right)
		}
	}
	slices.Sort(rights)
	for _, column := range columns {
		if may(t, connection, fmt.Sprintf("UPDATE %s SET %s = NULL WHERE false", table, column)) {
			rights = append(rights, "UPDATE "+column)
		}
	}
	return strings.Join(rights, ", ")
}

var serviceRights = map[string]map[string]string{
	"orders": {
		"orders":                "INSERT, SELECT, UPDATE status, UPDATE cancel_reason, UPDATE update_time, UPDATE sweep_time",
		"outbox":                "DELETE, INSERT, SELECT, UPDATE create_time",
		"flyway_schema_history": "",
	},
	"payments": {
		"accounts":              "INSERT, SELECT, UPDATE create_time",
		"ledger_entries":        "INSERT, SELECT",
		"payment_transactions":  "INSERT, SELECT",
		"inbox":                 "DELETE, INSERT, SELECT, UPDATE receive_time",
		"outbox":                "DELETE, INSERT, SELECT, UPDATE create_time",
		"flyway_schema_history": "",
	},
}

func tablesOf(t *testing.T, connection *pgx.Conn) []string {
	t.Helper()
	rows, err := connection.Query(t.Context(), `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(slices.Values(tables))
}

func databaseOf(service string) string {
	return map[string]string{"orders": support.OrdersDatabase, "payments": support.PaymentsDatabase}[service]
}

func TestAServiceMayDoToItsTablesWhatItNeedsOnly(t *testing.T) {
	for service, want := range serviceRights {
		connection := connect(t, databaseOf(service))
		if tables := tablesOf(t, connection); !slices.Equal(tables, slices.Sorted(maps.Keys(want))) {
			t.Errorf("%s has the tables %q", service, tables)
		}
		for table, rights := range want {
			t.Run(service+"/"+table, func(t *testing.T) {
				if got := rightsTo(t, connection, table); got != rights {
					t.Errorf("may %s\nnot %s", got, rights)
				}
			})
		}
	}
}

func TestAServiceMayNotChangeItsDatabase(t *testing.T) {
	for service := range serviceRights {
		connection := connect(t, databaseOf(service))
		for _, statement := range []string{
			"CREATE TABLE intruder ()", "CREATE TEMPORARY TABLE intruder ()", "CREATE SCHEMA intruder",
			"CREATE FUNCTION intruder() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE ROLE intruder",
			"SET ROLE " + service + "_owner", "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres",
			"ALTER ROLE " + service + "_service SUPERUSER", "GRANT " + service + "_owner TO " + service + "_service",
			"ALTER DATABASE " + service + " SET jit = on", "COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('PG_VERSION')",
		} {
			if may(t, connection, statement) {
				t.Errorf("%s may %s", service, statement)
			}
		}
	}
}

func TestTheServiceIsNotTheOwner(t *testing.T) {
	for service := range serviceRights {
		var role string
		var owners []string
		err := connect(t, databaseOf(service)).QueryRow(t.Context(), `
			SELECT current_user, (SELECT array_agg(DISTINCT relowner::regrole::text) FROM pg_class WHERE relnamespace = 'public'::regnamespace)`).Scan(&role, &owners)
		if err != nil {
			t.Fatal(err)
		}
		if role != service+"_service" || !slices.Equal(owners, []string{service + "_owner"}) {
			t.Errorf("%s works on what %q own", role, owners)
		}
	}
}

func TestAServiceReachesItsOwnDatabaseOnly(t *testing.T) {
	refused := func(url, code string) {
		t.Helper()
		connection, err := pgx.Connect(t.Context(), url)
		var refusal *pgconn.PgError
		if !errors.As(err, &refusal) || refusal.Code != code {
			t.Errorf("%s: %v, not %s", url, err, code)
		}
		if connection != nil {
			connection.Close(t.Context())
		}
	}
	const invalidPassword = "28P01"
	for service, peer := range map[string]string{"orders": "payments", "payments": "orders"} {
		own := databaseOf(service)
		for _, role := range []string{service + "_service", service + "_owner"} {
			password := support.Setting(strings.ToUpper(role)+"_PASSWORD", role)
			refused(fmt.Sprintf("postgres://%s:%s@127.0.0.1:%s/%s?sslmode=disable", role, password, support.DatabasePort(peer), peer), invalidPassword)
		}
		refused(strings.Replace(own, "/"+service+"?", "/postgres?", 1), insufficientPrivilege)
		refused(strings.Replace(own, "/"+service+"?", "/template1?", 1), insufficientPrivilege)
		refused(strings.Replace(own, ":"+support.Setting(strings.ToUpper(service)+"_SERVICE_PASSWORD", service+"_service")+"@", ":wrong@", 1), invalidPassword)
	}
}

func TestTheAuditorReadsEverythingAndWritesNothing(t *testing.T) {
	sources := audit.SourcesOf(os.Getenv)
	for service, url := range map[string]string{"orders": sources.OrdersDatabase, "payments": sources.PaymentsDatabase} {
		connection := connect(t, url)
		if may(t, connection, "SELECT pg_read_file('PG_VERSION')") {
			t.Error("reads files")
		}
		var readOnly string
		if err := connection.QueryRow(t.Context(), "SHOW default_transaction_read_only").Scan(&readOnly); err != nil || readOnly != "on" {
			t.Errorf("read only: %q, %v", readOnly, err)
		}
		// Not for want of rights alone: what is tried here it must not be able to do either way.
		if _, err := connection.Exec(t.Context(), "SET default_transaction_read_only = off"); err != nil {
			t.Fatal(err)
		}
		for table := range serviceRights[service] {
			if got := rightsTo(t, connection, table); got != "SELECT" {
				t.Errorf("may %s of %s", got, table)
			}
		}
	}
}
