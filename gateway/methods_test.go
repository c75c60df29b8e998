package main

import "testing"

func TestWrongMethodsAreToldTheRightOnes(t *testing.T) {
	g := startOrders(t)
	for target, allow := range map[string]string{
		"/orders": "GET, HEAD, OPTIONS, POST", "/orders/" + orderID: "GET, HEAD, OPTIONS",
		"/orders/" + orderID + "/events": "GET, HEAD, OPTIONS",
		"/health":                        "GET, HEAD, OPTIONS", "/live": "GET, HEAD, OPTIONS",
	} {
		for _, method := range []string{"DELETE", "PUT", "PATCH", "TRACE", "FOO"} {
			a := g.send(t, method, target, "")
			wantProblem(t, a, 405, "METHOD_NOT_ALLOWED")
			if a.header.Get("Allow") != allow {
				t.Errorf("%s %s: Allow: %q", method, target, a.header.Get("Allow"))
			}
		}
		a := g.send(t, "OPTIONS", target, "", "X-User-Id:", "Origin: http://example.com", "Access-Control-Request-Method: POST")
		if a.status != 204 || a.header.Get("Allow") != allow || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("OPTIONS %s: got %d %v", target, a.status, a.header)
		}
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	g := startOrders(t)
	for _, target := range []string{"/orders", "/health", "/live", "/orders/" + orderID, "/orders/" + orderID + "/events", "/orders?x=1", "/orders/abc"} {
		head, get := g.send(t, "HEAD", target, ""), g.send(t, "GET", target, "")
		if head.status != get.status || head.body != "" || head.header.Get("Content-Type") != get.header.Get("Content-Type") {
			t.Errorf("%s: got %d %q, want %d", target, head.status, head.body, get.status)
		}
	}
}

func TestAMethodIsNeverExecutedAsAnother(t *testing.T) {
	g := startOrders(t)
	form := "Content-Type: application/x-www-form-urlencoded"
	wantProblem(t, g.send(t, "POST", "/orders", "page_size=1", form), 415, "UNSUPPORTED_MEDIA_TYPE")
	for _, override := range []string{"GET", "DELETE"} {
		header := "X-Http-Method-Override: " + override
		wantProblem(t, g.send(t, "POST", "/orders", "page_size=1", form, header), 415, "UNSUPPORTED_MEDIA_TYPE")
		wantProblem(t, g.send(t, "POST", "/orders/9", "a=b", form, header), 405, "METHOD_NOT_ALLOWED")
		if a := g.send(t, "POST", "/orders", goodOrder, header); a.status != 201 {
			t.Errorf("%s: got %d %s", header, a.status, a.body)
		}
	}
}
