package support

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// DatabaseAccepts is nil when a client can log in and is answered.
func DatabaseAccepts(ctx context.Context, url string) error {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	return connection.Ping(ctx)
}
