package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// statusesOf sends bytes to the page's server and returns the statuses of all
// answers until it closes.
func statusesOf(t *testing.T, bytes string) []int {
	t.Helper()
	at, err := url.Parse(frontendURL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, bytes); err != nil {
		t.Fatal(err)
	}
	var statuses []int
	for reader := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return statuses
		}
		statuses = append(statuses, response.StatusCode)
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return statuses
		}
	}
}

func TestAMessageFramedTwiceSmugglesNothing(t *testing.T) {
	u := newUser(t)
	head := "POST /api/orders/orders HTTP/1.1\r\nHost: x\r\nX-User-Id: " + u.id + "\r\nContent-Type: application/json\r\n"
	chunked := "Transfer-Encoding: chunked\r\n\r\nc\r\n{\"amount\":1}\r\n0\r\n\r\n"
	last := "GET /api/orders/orders HTTP/1.1\r\nHost: x\r\nX-User-Id: " + u.id + "\r\nConnection: close\r\n\r\n"
	if got := fmt.Sprint(statusesOf(t, head+"Content-Length: 4\r\n"+chunked+last)); got != "[400]" {
		t.Errorf("length and chunks: got %s", got)
	}
	if page := u.orders(nil); len(page.Orders) != 0 {
		t.Errorf("it was executed: %+v", page)
	}
	if got := fmt.Sprint(statusesOf(t, head+chunked+last)); got != "[201 200]" {
		t.Errorf("chunks alone: got %s", got)
	}
}
