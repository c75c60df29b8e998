package fault

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"orderspayments/tests/support"
)

// superuser is a connection to the database of "orders" or "payments".
func superuser(t *testing.T, name string) *pgx.Conn {
	t.Helper()
	url := fmt.Sprintf("host=127.0.0.1 port=%s dbname=%s user=postgres password=%s",
		support.DatabasePort(name), name, support.Setting("POSTGRES_PASSWORD", "postgres"))
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close(context.WithoutCancel(t.Context())) })
	return connection
}
