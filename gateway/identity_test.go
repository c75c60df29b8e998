package main

import (
	"strings"
	"testing"
)

func TestIdentityIsExactlyOneHeader(t *testing.T) {
	g := startPayments(t)
	for name, test := range map[string]struct {
		headers []string
		status  int
		code    string
	}{
		"absent":            {[]string{"X-User-Id:"}, 401, "MISSING_USER_ID"},
		"metadata instead":  {[]string{"X-User-Id:", "Grpc-Metadata-X-User-Id: u2"}, 401, "MISSING_USER_ID"},
		"underscores":       {[]string{"X-User-Id:", "X_User_Id: u2"}, 401, "MISSING_USER_ID"},
		"cookie":            {[]string{"X-User-Id:", "Cookie: X-User-Id=u2"}, 401, "MISSING_USER_ID"},
		"65 characters":     {[]string{"X-User-Id: " + strings.Repeat("u", 65)}, 400, "INVALID_USER_ID"},
		"5 kB":              {[]string{"X-User-Id: " + strings.Repeat("u", 5000)}, 400, "INVALID_USER_ID"},
		"20 kB":             {[]string{"X-User-Id: " + strings.Repeat("u", 20000)}, 431, "REQUEST_HEADER_FIELDS_TOO_LARGE"},
		"two headers":       {[]string{"X-User-Id: u1", "X-User-Id: u2"}, 400, "INVALID_USER_ID"},
		"the same twice":    {[]string{"X-User-Id: u1", "X-User-Id: u1"}, 400, "INVALID_USER_ID"},
		"a list":            {[]string{"X-User-Id: u1,u2"}, 400, "INVALID_USER_ID"},
		"a spaced list":     {[]string{"X-User-Id: u1, u2"}, 400, "INVALID_USER_ID"},
		"begins with a dot": {[]string{"X-User-Id: .u1"}, 400, "INVALID_USER_ID"},
		"not ASCII":         {[]string{"X-User-Id: юзер"}, 400, "INVALID_USER_ID"},
	} {
		t.Run(name, func(t *testing.T) {
			a := g.send(t, "GET", "/accounts/balance", "", test.headers...)
			wantProblem(t, a, test.status, test.code)
			if challenge := a.header.Get("WWW-Authenticate"); (test.status == 401) != (challenge == "UserId") {
				t.Errorf("WWW-Authenticate: %q", challenge)
			}
		})
	}
	wantProblem(t, g.send(t, "GET", "/accounts/balance?user_id=u2", "", "X-User-Id:"), 401, "MISSING_USER_ID")
	if g.service.calls != 0 {
		t.Errorf("%d calls reached the service", g.service.calls)
	}
}

func TestOnlyTheClosedListBecomesMetadata(t *testing.T) {
	g := startPayments(t)
	const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	a := g.send(t, "GET", "/accounts/balance", "", "Grpc-Metadata-X-User-Id: u2", "Authorization: Bearer secret",
		"X-Forwarded-For: 1.2.3.4", "Grpc-Timeout: 1n", "X-Http-Method-Override: DELETE", "Cookie: a=b", "Idempotency-Key: k",
		"Traceparent: "+traceparent, "Tracestate: a=b", "X-Request-Id: r-1")
	if a.status != 200 || a.body != `{"user_id":"u1","balance":0}` {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	want := map[string]string{"x-user-id": "u1", "traceparent": traceparent, "tracestate": "a=b", "x-request-id": "r-1"}
	for name, values := range g.service.metadata {
		switch name {
		case ":authority", "content-type", "user-agent", "grpc-accept-encoding": // The transport's own.
		default:
			if strings.Join(values, "|") != want[name] {
				t.Errorf("%s: %q reached the service", name, values)
			}
			delete(want, name)
		}
	}
	if len(want) != 0 {
		t.Errorf("did not reach the service: %v", want)
	}
}

func TestRequestIDIsTakenOverOnlyIfSane(t *testing.T) {
	g := startOrders(t)
	if got := g.send(t, "GET", "/live", "", "X-Request-Id: abc.1").header.Get("X-Request-Id"); got != "abc.1" {
		t.Errorf("got %q", got)
	}
	for _, bad := range []string{"a b", strings.Repeat("x", 65), "<script>"} {
		if got := g.send(t, "GET", "/live", "", "X-Request-Id: "+bad).header.Get("X-Request-Id"); got == bad || got == "" {
			t.Errorf("%q: got %q", bad, got)
		}
	}
}

func TestMalformedTraceContextIsDropped(t *testing.T) {
	g := startPayments(t)
	a := g.send(t, "GET", "/accounts/balance", "", "Traceparent: \xc3\xa9", "Tracestate: a=b")
	if a.status != 200 || g.service.metadata["traceparent"] != nil || g.service.metadata["tracestate"] != nil {
		t.Errorf("got %d %v", a.status, g.service.metadata)
	}
}
