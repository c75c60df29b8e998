package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

const goodOrder = `{"amount":100,"description":"coffee"}`

func TestOnlyPlainJSONInUTF8IsRead(t *testing.T) {
	g := startOrders(t)
	for _, contentType := range []string{"application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""} {
		if a := g.send(t, "POST", "/orders", goodOrder, "Content-Type: "+contentType); a.status != 201 {
			t.Errorf("%s: got %d %s", contentType, a.status, a.body)
		}
	}
	for _, contentType := range []string{
		"", "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
		"application/json; charset=utf-16", "application/json,text/html", "application/jsonx",
	} {
		a := g.send(t, "POST", "/orders", goodOrder, "Content-Type: "+contentType)
		wantProblem(t, a, 415, "UNSUPPORTED_MEDIA_TYPE")
		if accept := a.header.Get("Accept"); accept != "application/json" {
			t.Errorf("%s: Accept: %q", contentType, accept)
		}
	}
	a := g.send(t, "POST", "/orders", goodOrder, "Content-Encoding: gzip")
	wantProblem(t, a, 415, "UNSUPPORTED_CONTENT_ENCODING")
	if encoding := a.header.Get("Accept-Encoding"); encoding != "identity" {
		t.Errorf("Accept-Encoding: %q", encoding)
	}
}

func TestLongBodiesAreRefused(t *testing.T) {
	g := startOrders(t)
	wantProblem(t, g.send(t, "POST", "/orders", goodOrder+strings.Repeat(" ", 70_000)), 413, "CONTENT_TOO_LARGE")
	if a := g.send(t, "POST", "/orders", goodOrder+strings.Repeat(" ", 64<<10-len(goodOrder))); a.status != 201 {
		t.Errorf("64 KiB: got %d %s", a.status, a.body)
	}
	wantProblem(t, g.send(t, "POST", "/orders", strings.Repeat(" ", 70_000), "Content-Type: text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE")
}

// endless is a body without an announced length.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range n {
		p[i] = ' '
	}
	e.left -= n
	return n, nil
}

func TestLongChunkedBodyIsRefusedAndTheConnectionClosed(t *testing.T) {
	g := startOrders(t)
	request, err := http.NewRequest("POST", "http://"+g.address+"/orders", &endless{left: 10 << 20})
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-User-Id", "u1")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 413 || !response.Close {
		t.Errorf("got %d, close %v", response.StatusCode, response.Close)
	}
}

func TestRefusalsComeInTheOrderOfTheContract(t *testing.T) {
	g := startOrders(t)
	const tooLong = 70_000
	body := strings.Repeat("x", tooLong)
	long := strings.Repeat("u", 20_000)
	for _, test := range []struct {
		method, target string
		headers        []string
		status         int
		code           string
	}{
		{"PATCH", "/nope", []string{"X-User-Id: " + long}, 431, "REQUEST_HEADER_FIELDS_TOO_LARGE"},
		{"PATCH", "/nope?" + strings.Repeat("q", 9_000), nil, 414, "URI_TOO_LONG"},
		{"PATCH", "/nope", []string{"X-User-Id:"}, 404, "NOT_FOUND"},
		{"PATCH", "/orders", []string{"X-User-Id:"}, 405, "METHOD_NOT_ALLOWED"},
		{"POST", "/orders?x=1", []string{"X-User-Id:", "Content-Type: text/plain"}, 401, "MISSING_USER_ID"},
		{"POST", "/orders?x=1", []string{"X-User-Id: !", "Content-Type: text/plain"}, 400, "INVALID_USER_ID"},
		{"POST", "/orders?x=1", []string{"Content-Type: text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"POST", "/orders?x=1", nil, 413, "CONTENT_TOO_LARGE"},
	} {
		t.Run(test.code, func(t *testing.T) {
			wantProblem(t, g.send(t, test.method, test.target, body, test.headers...), test.status, test.code)
		})
	}
}
