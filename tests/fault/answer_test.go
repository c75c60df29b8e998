package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"orderspayments/tests/support"
)

const probeInterval = 50 * time.Millisecond

var client = &http.Client{Timeout: support.RequestTimeout}

// answer is what a caller gets: the resource, or a problem.
type answer struct {
	status int
	header http.Header
	body   struct {
		ID     string
		Errors []struct{ Field, Message string }
	}
}

// ask makes a call; a POST is an order.
func ask(ctx context.Context, method, url, user string, headers ...string) (answer, error) {
	body := ""
	if method == http.MethodPost {
		body = fmt.Sprintf(`{"amount":%d}`, price)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("X-User-Id", user)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	found := answer{status: response.StatusCode, header: response.Header}
	return found, json.NewDecoder(response.Body).Decode(&found.body)
}

// expectUnavailable demands a problem of 503 that says when to try again, in time.
func expectUnavailable(t *testing.T, method, url, user string, headers ...string) {
	t.Helper()
	start := time.Now()
	found, err := ask(t.Context(), method, url, user, headers...)
	took := time.Since(start)
	if err != nil || found.status != http.StatusServiceUnavailable || found.header.Get("Retry-After") == "" ||
		found.header.Get("Content-Type") != "application/problem+json" || took > freedTimeout {
		t.Errorf("%s %s: %v, %v after %v; want a problem of 503 with Retry-After", method, url, found, err, took)
	}
}

func expectLive(t *testing.T, gateway string) {
	t.Helper()
	if found, err := ask(t.Context(), http.MethodGet, gateway+"/live", ""); err != nil || found.status != http.StatusOK {
		t.Errorf("/live: %v, %v", found, err)
	}
}

// healthNames is nil when /health is a 503 because of the dependency.
func healthNames(ctx context.Context, gateway, dependency string) error {
	found, err := ask(ctx, http.MethodGet, gateway+"/health", "")
	if err != nil {
		return err
	}
	named := slices.ContainsFunc(found.body.Errors, func(fault struct{ Field, Message string }) bool { return fault.Field == dependency })
	if found.status != http.StatusServiceUnavailable || !named {
		return fmt.Errorf("/health: %v", found)
	}
	return nil
}

// awaitAccepted makes orders until one is accepted, within backTimeout.
func awaitAccepted(t *testing.T, gateway, user string) (order support.Order) {
	t.Helper()
	start := time.Now()
	err := support.Within(t.Context(), backTimeout, func(ctx context.Context) (err error) {
		order, err = support.PostOrder(ctx, gateway, user, price)
		return err
	})
	if err != nil {
		t.Errorf("the database is back: %v", err)
	}
	t.Logf("an order is accepted %v after the return", time.Since(start).Round(time.Millisecond))
	return order
}

// readFor reads at a fixed rate, whatever becomes of the reads before, and returns how long
// the slowest answer took.
func readFor(t *testing.T, duration time.Duration, url, user string) time.Duration {
	t.Helper()
	took := make(chan time.Duration)
	var failed sync.Once
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	reads := int(duration / probeInterval)
	for range reads {
		<-ticker.C
		go func() {
			start := time.Now()
			if _, err := ask(t.Context(), http.MethodGet, url, user); err != nil {
				failed.Do(func() { t.Errorf("read: %v", err) })
			}
			took <- time.Since(start)
		}()
	}
	var slowest time.Duration
	for range reads {
		slowest = max(slowest, <-took)
	}
	return slowest
}
