package support

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// CommitRequests begin what a service sends to have written what it acknowledges: COMMIT, and
// the bindings of the statements of orders-service that commit by themselves, which their
// preparation does not look like.
var CommitRequests = []string{
	"COMMIT", "\x00orders_insert_orders\x00", "\x00orders_settle_new_orders\x00", "\x00orders_settle_new_orders_returning\x00",
}

// DatabaseAccepts is nil when a client can log in and is answered.
func DatabaseAccepts(ctx context.Context, url string) error {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	return connection.Ping(ctx)
}
