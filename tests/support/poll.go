package support

import (
	"context"
	"fmt"
	"time"
)

const pollInterval = 50 * time.Millisecond

// Within polls until ask answers nil, and fails with its last answer when the time is up.
func Within(ctx context.Context, limit time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	var last error
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		// An answer that the end of the time cut off says less than the one before it.
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %v: %w", limit, last)
		case <-ticker.C:
		}
	}
}
