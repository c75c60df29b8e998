// Package e2e tests a running system from outside, over every door it has.
// Where it runs is told by ORDERS_URL, PAYMENTS_URL, FRONTEND_URL, ORDERS_GRPC
// and PAYMENTS_GRPC. Every test makes users of its own, so runs do not meet.
package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

const (
	reachTimeout   = 5 * time.Second
	requestTimeout = 15 * time.Second
	// settleTimeout is for an order on a loaded machine; an idle one takes milliseconds.
	settleTimeout = 60 * time.Second
	pollInterval  = 20 * time.Millisecond
)

var (
	ordersURL    = setting("ORDERS_URL", "http://127.0.0.1:8080")
	paymentsURL  = setting("PAYMENTS_URL", "http://127.0.0.1:8081")
	frontendURL  = setting("FRONTEND_URL", "http://127.0.0.1:3000")
	ordersGRPC   = setting("ORDERS_GRPC", "127.0.0.1:9080")
	paymentsGRPC = setting("PAYMENTS_GRPC", "127.0.0.1:9081")
)

var client = &http.Client{
	Timeout:       requestTimeout,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return strings.TrimSuffix(value, "/")
	}
	return fallback
}

func TestMain(m *testing.M) {
	for _, url := range []string{ordersURL + "/health", paymentsURL + "/health", frontendURL + "/"} {
		if err := reach(url); err != nil {
			fmt.Fprintf(os.Stderr, "The system is not there (start it with `make up`): %v\n", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func reach(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), reachTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}

// user makes requests in its name, directly to the gateways.
type user struct {
	t  *testing.T
	id string
}

func newUser(t *testing.T) user { return user{t, "e2e-" + rand.Text()} }

// answer is a response, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

// code is the reason of a refusal; "" if the answer is no problem+json.
func (a answer) code() string {
	var problem struct {
		Code      string
		RequestID string `json:"request_id"`
	}
	if a.header.Get("Content-Type") != "application/problem+json" || json.Unmarshal(a.body, &problem) != nil ||
		problem.RequestID == "" {
		return ""
	}
	return problem.Code
}

func (u user) send(method, url, body string, header http.Header) (answer, error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("X-User-Id", u.id)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, values := range header {
		request.Header[name] = values
	}
	return roundTrip(request)
}

func roundTrip(request *http.Request) (answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, data}, err
}

// call demands the status and decodes the answer.
func call[T any](u user, method, url, body string, status int) T {
	u.t.Helper()
	a, err := u.send(method, url, body, nil)
	if err != nil {
		u.t.Fatal(err)
	}
	if a.status != status {
		u.t.Fatalf("%s %s %s: got %v, want %d", method, url, body, a, status)
	}
	return decode[T](u.t, a.body)
}

// decode demands that the answer has no fields but those of T.
func decode[T any](t *testing.T, data []byte) T {
	t.Helper()
	var value T
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return value
}

// eventually polls until done says true; what is being waited for is named in
// the failure.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(settleTimeout)
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("%s: not within %v", what, settleTimeout)
		case <-ticker.C:
		}
	}
}
