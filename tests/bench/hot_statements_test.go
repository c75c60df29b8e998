package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAStatementIsReadFromItsSource(t *testing.T) {
	const source = `
constexpr pg::Statement kOne{"one", R"sql(
    SELECT id FROM orders WHERE id = ANY ($1))sql"};
constexpr pg::Statement kTwo{
    "two",
    "SELECT " ORDER_COLUMNS
    " FROM orders WHERE id = $1"};
constexpr pg::Statement kThree{"three", R"sql(
    SELECT )sql" PG_MICROS("create_time") R"sql( FROM orders)sql"};`
	for name, want := range map[string]string{
		"one":   "SELECT id FROM orders WHERE id = ANY ($1)",
		"two":   "SELECT * FROM orders WHERE id = $1",
		"three": "SELECT create_time FROM orders",
	} {
		if got, err := statementOf(source, name); err != nil || strings.TrimSpace(got) != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	if got, err := statementOf(source, "four"); err == nil {
		t.Errorf("four: %q", got)
	}
}

func TestEachHotStatementIsOneOfItsService(t *testing.T) {
	for _, statement := range hotStatements {
		source, err := os.ReadFile(filepath.Join("../..", statement.source))
		if err != nil {
			t.Fatal(err)
		}
		sql, err := statementOf(string(source), statement.name)
		if err != nil || !(strings.Contains(sql, "SELECT") || strings.Contains(sql, "UPDATE")) {
			t.Errorf("%s: %q, %v", statement.name, sql, err)
		}
	}
}
