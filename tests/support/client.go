package support

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"orderspayments/deploy/operator/audit"
)

// RequestTimeout is longer than any answer of a gateway takes: its own limit is 10 s.
const RequestTimeout = 15 * time.Second

const idleConnections = 256

var client = &http.Client{
	Timeout:   RequestTimeout,
	Transport: &http.Transport{MaxIdleConns: 2 * idleConnections, MaxIdleConnsPerHost: idleConnections},
}

// Order is what its maker is told of it.
type Order = audit.Order

// Send makes a request in the user's name and reads the answer to its end.
func Send(ctx context.Context, method, url, user, body string) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("X-User-Id", user)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// demand is Send for an answer that must have the status.
func demand(ctx context.Context, method, url, user, body string, want int) ([]byte, error) {
	status, answer, err := Send(ctx, method, url, user, body)
	if err == nil && status != want {
		err = fmt.Errorf("%s %s: %d %s", method, url, status, answer)
	}
	return answer, err
}

// OpenAccount makes the user's account at the payments gateway and pays money in.
func OpenAccount(ctx context.Context, gateway, user string, money int64) error {
	if _, err := demand(ctx, http.MethodPost, gateway+"/accounts", user, "{}", http.StatusCreated); err != nil {
		return err
	}
	_, err := demand(ctx, http.MethodPost, gateway+"/accounts/topup", user, fmt.Sprintf(`{"amount":%d}`, money), http.StatusOK)
	return err
}

// PostOrder makes an order at the orders gateway.
func PostOrder(ctx context.Context, gateway, user string, amount int64) (Order, error) {
	answer, err := demand(ctx, http.MethodPost, gateway+"/orders", user, orderBody(amount), http.StatusCreated)
	return decodeOrder(answer, err)
}

// GetOrder reads an order at the orders gateway.
func GetOrder(ctx context.Context, gateway, user, id string) (Order, error) {
	answer, err := demand(ctx, http.MethodGet, gateway+"/orders/"+id, user, "", http.StatusOK)
	return decodeOrder(answer, err)
}

// Live asks whether the gateway runs.
func Live(ctx context.Context, gateway string) error {
	_, err := demand(ctx, http.MethodGet, gateway+"/live", "", "", http.StatusOK)
	return err
}

// Healthy asks whether the service behind the gateway can serve.
func Healthy(ctx context.Context, gateway string) error {
	_, err := demand(ctx, http.MethodGet, gateway+"/health", "", "", http.StatusOK)
	return err
}

func orderBody(amount int64) string {
	return fmt.Sprintf(`{"amount":%d,"description":"load"}`, amount)
}

func decodeOrder(answer []byte, err error) (Order, error) {
	var order Order
	if err == nil {
		err = json.Unmarshal(answer, &order)
	}
	return order, err
}
