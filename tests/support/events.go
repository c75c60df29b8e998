package support

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Events is the open stream of an order's changes.
type Events struct {
	body  io.ReadCloser
	lines *bufio.Reader
}

// OpenEvents begins to watch an order at a gateway, or at the page's proxy of it. The stream
// lasts until it ends, ctx does, or it is closed.
func OpenEvents(ctx context.Context, gateway, user, id string) (*Events, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, gateway+"/orders/"+id+"/events", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-User-Id", user)
	// Without the client's own limit: an order may take longer to settle.
	response, err := client.Transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return nil, fmt.Errorf("%s: %s %s", request.URL, response.Status, body)
	}
	return &Events{response.Body, bufio.NewReader(response.Body)}, nil
}

// Next is the order as the next event tells it; io.EOF at the clean end of the stream.
func (e *Events) Next() (Order, error) {
	for {
		line, err := e.lines.ReadString('\n')
		if err != nil {
			return Order{}, err
		}
		if data, isData := strings.CutPrefix(line, "data: "); isData {
			var order Order
			return order, json.Unmarshal([]byte(data), &order)
		}
	}
}

// Close ends the stream.
func (e *Events) Close() error { return e.body.Close() }
