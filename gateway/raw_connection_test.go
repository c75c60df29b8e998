package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A test gives up on a connection that is neither answered nor closed by then.
const rawPatience = 10 * time.Second

func (g *gateway) connect(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", g.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(rawPatience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// statusesOf sends bytes and returns the statuses of all answers until the
// gateway closes.
func (g *gateway) statusesOf(t *testing.T, bytes string) []int {
	t.Helper()
	conn := g.connect(t)
	go io.WriteString(conn, bytes)
	var statuses []int
	reader := bufio.NewReader(conn)
	for {
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

const rawOrder = "POST /orders HTTP/1.1\r\nHost: x\r\nX-User-Id: u1\r\nContent-Type: application/json\r\n"

func TestBrokenFramingIsRefusedAndNothingBehindItServed(t *testing.T) {
	g := startOrders(t)
	const second = "GET /orders HTTP/1.1\r\nHost: x\r\nX-User-Id: u1\r\nConnection: close\r\n\r\n"
	for name, request := range map[string]string{
		"unknown transfer encoding":   rawOrder + "Transfer-Encoding: xchunked\r\n\r\n" + goodOrder,
		"two content lengths":         rawOrder + "Content-Length: 37\r\nContent-Length: 5\r\n\r\n" + goodOrder,
		"negative content length":     rawOrder + "Content-Length: -1\r\n\r\n" + goodOrder,
		"NUL in a header":             "GET /orders HTTP/1.1\r\nHost: x\r\nX-User-Id: u1\x00\r\n\r\n",
		"space before the colon":      "GET /orders HTTP/1.1\r\nHost: x\r\nX-User-Id : u1\r\n\r\n",
		"a chunk that is none":        rawOrder + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + goodOrder,
		"no host":                     "GET /orders HTTP/1.1\r\nX-User-Id: u1\r\n\r\n",
		"a header of a hundred kB":    "GET /orders HTTP/1.1\r\nHost: x\r\nX-User-Id: " + strings.Repeat("u", 100_000) + "\r\n\r\n",
		"not HTTP":                    "hello\r\n\r\n",
		"an expectation of something": rawOrder + "Expect: foo\r\nContent-Length: 37\r\n\r\n" + goodOrder,
	} {
		t.Run(name, func(t *testing.T) {
			statuses := g.statusesOf(t, request+second)
			if len(statuses) != 1 || statuses[0] != 501 && (statuses[0] < 400 || statuses[0] > 499) {
				t.Errorf("got %v", statuses)
			}
		})
	}
	if g.service.calls != 0 {
		t.Errorf("%d calls reached the service", g.service.calls)
	}
}

func TestWellFramedRequestsOfOneConnectionAreAllServed(t *testing.T) {
	g := startOrders(t)
	chunked := rawOrder + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(goodOrder), goodOrder)
	patient := rawOrder + fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n\r\n%s", len(goodOrder), goodOrder)
	emptyName := "GET /orders HTTP/1.1\r\nHost: x\r\nX-User-Id:   \r\n\r\n"
	last := "HEAD /orders HTTP/1.1\r\nHost: x\r\nX-User-Id: u1\r\nConnection: close\r\n\r\n"
	got := fmt.Sprint(g.statusesOf(t, chunked+emptyName+patient+last))
	if got != "[201 401 100 201 200]" && got != "[201 401 201 200]" {
		t.Errorf("got %v", got)
	}
}

// drip sends bytes slowly, or nothing, until the other side closes, and tells how long
// that took.
func drip(t *testing.T, conn net.Conn, bytes string) time.Duration {
	t.Helper()
	start := time.Now()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, conn)
	}()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; ; i++ {
		select {
		case <-closed:
			return time.Since(start)
		case <-ticker.C:
			// Once the other side has closed, the read loop tells.
			if bytes != "" {
				_, _ = io.WriteString(conn, bytes[i%len(bytes):i%len(bytes)+1])
			}
		}
	}
}

func TestSlowClientsAreCutOffAndOthersUnharmed(t *testing.T) {
	g := startGateway(t, map[string]string{"BACKEND": "orders", "HEADER_READ_TIMEOUT": "300ms", "READ_TIMEOUT": "600ms"})
	slowBody := g.connect(t)
	if _, err := io.WriteString(slowBody, rawOrder+"Content-Length: 60000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	done := make(chan time.Duration, 4)
	// Bodies of requests that should have none, and whose answers may take long.
	for _, path := range []string{eventsPath, orderPath + "?wait=30s"} {
		watcher := g.connect(t)
		if _, err := io.WriteString(watcher, "GET "+path+" HTTP/1.1\r\nHost: x\r\nX-User-Id: u1\r\nContent-Length: 1\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		go func() { done <- drip(t, watcher, "") }()
	}
	slowHeader := g.connect(t)
	go func() { done <- drip(t, slowHeader, "GET /orders HTTP/1.1") }()
	go func() { done <- drip(t, slowBody, " ") }()
	if a := g.send(t, "POST", "/orders", goodOrder); a.status != 201 {
		t.Errorf("another client got %d", a.status)
	}
	for range 4 {
		if elapsed := <-done; elapsed > 5*time.Second {
			t.Errorf("cut off after %v", elapsed)
		}
	}
	if g.service.calls != 1 {
		t.Errorf("%d calls", g.service.calls)
	}
}
