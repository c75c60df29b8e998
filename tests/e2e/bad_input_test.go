package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// doors are the two ways to each API: directly, and through nginx.
var doors = map[string]struct{ orders, payments string }{
	"direct": {ordersURL, paymentsURL},
	"nginx":  {frontendURL + "/api/orders", frontendURL + "/api/payments"},
}

func TestBadInputIsRefusedByReason(t *testing.T) {
	const good = `{"amount":100,"description":"coffee"}`
	header := func(name string, values ...string) http.Header { return http.Header{name: values} }
	for door, at := range doors {
		for _, test := range []struct {
			name, method, url, body string
			header                  http.Header
			status                  int
			code                    string
		}{
			{"no identity", "POST", at.orders + "/orders", good, header("X-User-Id"), 401, "MISSING_USER_ID"},
			{"empty identity", "POST", at.orders + "/orders", good, header("X-User-Id", ""), 401, "MISSING_USER_ID"},
			{"two identities", "POST", at.orders + "/orders", good, header("X-User-Id", "u1", "u2"), 400, "INVALID_USER_ID"},
			{"long identity", "POST", at.orders + "/orders", good, header("X-User-Id", strings.Repeat("u", 65)), 400, "INVALID_USER_ID"},
			{"20 kB identity", "POST", at.orders + "/orders", good, header("X-User-Id", strings.Repeat("u", 20_000)), 431, "REQUEST_HEADER_FIELDS_TOO_LARGE"},
			{"zero", "POST", at.orders + "/orders", `{"amount":0}`, nil, 400, "INVALID_AMOUNT"},
			{"negative", "POST", at.payments + "/accounts/topup", `{"amount":-1}`, nil, 400, "INVALID_AMOUNT"},
			{"minus zero", "POST", at.orders + "/orders", `{"amount":-0}`, nil, 400, "INVALID_AMOUNT"},
			{"huge exponent", "POST", at.orders + "/orders", `{"amount":1e999999999}`, nil, 400, "INVALID_AMOUNT"},
			{"no amount", "POST", at.orders + "/orders", `{}`, nil, 400, "INVALID_AMOUNT"},
			{"null amount", "POST", at.payments + "/accounts/topup", `{"amount":null}`, nil, 400, "INVALID_AMOUNT"},
			{"no body", "POST", at.orders + "/orders", "", nil, 400, "INVALID_AMOUNT"},
			{"amount as text", "POST", at.orders + "/orders", `{"amount":"100"}`, nil, 400, "INVALID_AMOUNT"},
			{"2^53", "POST", at.orders + "/orders", `{"amount":9007199254740992}`, nil, 400, "INVALID_AMOUNT"},
			{"2^63", "POST", at.orders + "/orders", `{"amount":9223372036854775808}`, nil, 400, "INVALID_AMOUNT"},
			{"amount twice", "POST", at.orders + "/orders", `{"amount":1,"amount":100}`, nil, 400, "MALFORMED_JSON"},
			{"unknown field", "POST", at.orders + "/orders", `{"amount":1,"user_id":"u2"}`, nil, 400, "UNKNOWN_FIELD"},
			{"trailing garbage", "POST", at.orders + "/orders", good + good, nil, 400, "MALFORMED_JSON"},
			{"long description", "POST", at.orders + "/orders", `{"amount":1,"description":"` + strings.Repeat("я", 1001) + `"}`, nil, 400, "INVALID_DESCRIPTION"},
			{"control character", "POST", at.orders + "/orders", `{"amount":1,"description":"\u0000"}`, nil, 400, "INVALID_DESCRIPTION"},
			{"text", "POST", at.orders + "/orders", good, header("Content-Type", "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE"},
			{"compressed", "POST", at.orders + "/orders", good, header("Content-Encoding", "gzip"), 415, "UNSUPPORTED_CONTENT_ENCODING"},
			{"long body", "POST", at.orders + "/orders", good + strings.Repeat(" ", 70_000), nil, 413, "CONTENT_TOO_LARGE"},
			{"short id", "GET", at.orders + "/orders/abc", "", nil, 400, "INVALID_ORDER_ID"},
			{"nowhere", "GET", at.orders + "/nope", "", nil, 404, "NOT_FOUND"},
			{"wrong case", "GET", at.orders + "/ORDERS", "", nil, 404, "NOT_FOUND"},
			{"page size", "GET", at.orders + "/orders?page_size=-1", "", nil, 400, "INVALID_PAGE_SIZE"},
			{"page token", "GET", at.orders + "/orders?page_token=zzz", "", nil, 400, "INVALID_PAGE_TOKEN"},
			{"status", "GET", at.orders + "/orders?status=BAD", "", nil, 400, "INVALID_STATUS"},
			{"parameter", "GET", at.orders + "/orders?foo=1", "", nil, 400, "UNKNOWN_PARAMETER"},
			{"method", "DELETE", at.orders + "/orders", "", nil, 405, "METHOD_NOT_ALLOWED"},
			{"long path", "GET", at.orders + "/orders?page_token=" + strings.Repeat("t", 9_000), "", nil, 414, "URI_TOO_LONG"},
		} {
			t.Run(door+"/"+test.name, func(t *testing.T) {
				a, err := newUser(t).send(test.method, test.url, test.body, test.header)
				if err != nil {
					t.Fatal(err)
				}
				if a.status != test.status || a.code() != test.code {
					t.Errorf("got %v, want %d %s", a, test.status, test.code)
				}
			})
		}
	}
}

func TestUnusualButGoodInputIsTaken(t *testing.T) {
	for door, at := range doors {
		t.Run(door, func(t *testing.T) {
			u := newUser(t)
			if a, err := u.send("POST", at.payments+"/accounts", "", nil); err != nil || a.status != 201 {
				t.Errorf("account without a body: got %v, %v", a, err)
			}
			o := call[order](u, "POST", at.orders+"/orders", `{"amount":1e3}`, 201)
			if o.Amount != 1000 || o.Description != "" {
				t.Errorf("got %+v", o)
			}
			for _, text := range []string{strings.Repeat("я", 1000), strings.Repeat("😀", 1000), "<b>&\t\u2028"} {
				o := call[order](u, "POST", at.orders+"/orders", `{"amount":100.0,"description":"`+strings.ReplaceAll(text, "\t", `\t`)+`"}`, 201)
				if o.Amount != 100 || o.Description != text {
					t.Errorf("got %+v", o)
				}
			}
			if page := call[orderPage](u, "GET", at.orders+"/orders?page_size=1000", "", 200); len(page.Orders) != 4 {
				t.Errorf("got %+v", page)
			}
			a, err := u.send("HEAD", at.orders+"/orders", "", nil)
			if err != nil || a.status != 200 || len(a.body) != 0 {
				t.Errorf("HEAD: got %v, %v", a, err)
			}
			a, err = u.send("OPTIONS", at.orders+"/orders", "", nil)
			if err != nil || a.status != 204 || a.header.Get("Allow") == "" || a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("OPTIONS: got %v %v, %v", a, a.header, err)
			}
		})
	}
}
