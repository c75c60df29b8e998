package load

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"orderspayments/tests/chaos/journal"
)

const finalPageSize = 200

// ReadAll reads, once all is quiet, every user's balance, orders and ledger to their ends. An
// error says that it did not get them all.
func (l *Load) ReadAll(ctx context.Context) error {
	l.lock.Lock()
	users := append([]user(nil), l.users...)
	l.lock.Unlock()
	for _, u := range users {
		if err := l.walk(ctx, get(journal.Orders, u.name, fmt.Sprintf("/orders?page_size=%d", finalPageSize))); err != nil {
			return err
		}
		if !u.account {
			continue
		}
		if _, err := l.read(ctx, get(journal.Payments, u.name, "/accounts/balance")); err != nil {
			return err
		}
		if err := l.walk(ctx, get(journal.Payments, u.name, fmt.Sprintf("/accounts/transactions?page_size=%d", finalPageSize))); err != nil {
			return err
		}
	}
	return nil
}

// walk reads a list page by page.
func (l *Load) walk(ctx context.Context, first journal.Call) error {
	for call := first; ; {
		answered, err := l.read(ctx, call)
		if err != nil {
			return err
		}
		var page struct {
			Next string `json:"next_page_token"`
		}
		if err := json.Unmarshal([]byte(answered.Answer), &page); err != nil {
			return err
		}
		if page.Next == "" {
			return nil
		}
		call.Path = first.Path + "&page_token=" + url.QueryEscape(page.Next)
	}
}

func (l *Load) read(ctx context.Context, call journal.Call) (journal.Call, error) {
	answered, known := l.insist(ctx, call)
	if !known {
		return answered, fmt.Errorf("%s of %s: %w", call.Path, call.User, ctx.Err())
	}
	if answered.Status != http.StatusOK {
		return answered, fmt.Errorf("%s of %s: %d %s", call.Path, call.User, answered.Status, answered.Answer)
	}
	return answered, nil
}
