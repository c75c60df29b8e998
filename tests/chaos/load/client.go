package load

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"orderspayments/tests/chaos/journal"
)

const (
	// AnswerTimeout is longer than any answer may take: a gateway's own limit is 10 s, and it may
	// stand still for some before that.
	AnswerTimeout = 30 * time.Second

	idleConnectionsMax = 256
	answerBytesMax     = 1 << 20
)

// client keeps all its calls in the journal.
type client struct {
	urls    map[journal.Service]string
	journal *journal.Journal
	http    *http.Client
}

func newClient(urls map[journal.Service]string, calls *journal.Journal) *client {
	return &client{urls, calls, &http.Client{
		Timeout:       AnswerTimeout,
		Transport:     &http.Transport{MaxIdleConns: 2 * idleConnectionsMax, MaxIdleConnsPerHost: idleConnectionsMax},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send makes the call once, and returns it with what became of it.
func (c *client) send(ctx context.Context, call journal.Call) journal.Call {
	call.Start = c.journal.Now()
	err := c.exchange(ctx, &call)
	call.End = c.journal.Now()
	if err != nil {
		var network net.Error
		call.Status, call.Answer, call.Failure = 0, "", err.Error()
		call.TimedOut = errors.As(err, &network) && network.Timeout() && ctx.Err() == nil
	}
	c.journal.Add(call)
	return call
}

func (c *client) exchange(ctx context.Context, call *journal.Call) error {
	request, err := http.NewRequestWithContext(ctx, call.Method, c.urls[call.Service]+call.Path, strings.NewReader(call.Body))
	if err != nil {
		return err
	}
	// A call that Go's client sends again by itself would be two in one.
	request.GetBody = nil
	if call.User != "" {
		request.Header.Set("X-User-Id", call.User)
	}
	if call.Body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if call.Key != "" {
		request.Header.Set("Idempotency-Key", call.Key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerBytesMax))
	call.Status, call.Answer = response.StatusCode, string(answer)
	call.ContentType, call.RetryAfter = response.Header.Get("Content-Type"), response.Header.Get("Retry-After")
	call.Replayed = response.Header.Get("Idempotent-Replayed") == "true"
	return err
}

// unanswered tells that the outcome is not known, or, of a key in use, not yet.
func unanswered(call journal.Call) bool {
	switch call.Status {
	case 0, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusConflict:
		return call.Key != ""
	}
	return false
}
