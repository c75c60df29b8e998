package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	ordersv1 "orderspayments/gen/orders/v1"
)

func TestCreateOrderAnswersTheOrderAndItsPlace(t *testing.T) {
	g := startOrders(t)
	a := g.send(t, "POST", "/orders", `{"amount":100,"description":"coffee"}`)
	want := `{"id":"` + orderID + `","user_id":"u1","amount":100,"description":"coffee","status":"NEW",` +
		`"create_time":"1970-01-01T00:00:01Z","update_time":"1970-01-01T00:00:01Z"}`
	if a.status != 201 || a.body != want {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	for name, value := range map[string]string{
		"Location": "/orders/" + orderID, "Content-Type": "application/json",
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
	} {
		if got := a.header.Get(name); got != value {
			t.Errorf("%s: got %q, want %q", name, got, value)
		}
	}
	for name := range a.header {
		if strings.HasPrefix(name, "Grpc-") {
			t.Errorf("metadata of the service leaks: %s", name)
		}
	}
}

func TestAmountsAreMathematicalIntegers(t *testing.T) {
	g := startOrders(t)
	for text, want := range map[string]int64{
		"1e3": 1000, "100.0": 100, "1.5e1": 15, "9007199254740991": 1<<53 - 1, "12000e-3": 12,
		"-1": -1, "-0": 0, "null": 0, "9223372036854775807": 1<<63 - 1, // The range is the service's to check.
	} {
		a := g.send(t, "POST", "/orders", `{"amount":`+text+`}`)
		if got := g.service.request.(*ordersv1.CreateOrderRequest).GetAmount(); a.status != 201 || got != want {
			t.Errorf("%s: got %d %s, amount %d", text, a.status, a.body, got)
		}
	}
}

func TestBadBodiesAreRefused(t *testing.T) {
	g := startOrders(t)
	const good = `{"amount":100,"description":"coffee"}`
	for body, code := range map[string]string{
		`{"amount":1e400}`: "INVALID_AMOUNT", `{"amount":1e999999999}`: "INVALID_AMOUNT",
		`{"amount":1e99999999999999999999}`: "INVALID_AMOUNT", `{"amount":1.5}`: "INVALID_AMOUNT",
		`{"amount":1e-1}`: "INVALID_AMOUNT", `{"amount":"100"}`: "INVALID_AMOUNT",
		`{"amount":9223372036854775808}`: "INVALID_AMOUNT", `{"amount":1000000000000000000000000000000}`: "INVALID_AMOUNT",
		`{"amount":true}`: "INVALID_AMOUNT", `{"amount":[1]}`: "INVALID_AMOUNT", `{"amount":{}}`: "INVALID_AMOUNT",

		`{"amount":NaN}`: "MALFORMED_JSON", `{"amount":Infinity}`: "MALFORMED_JSON", `{"amount":0x10}`: "MALFORMED_JSON",
		`{"amount":007}`: "MALFORMED_JSON", `{"amount":+5}`: "MALFORMED_JSON", `{"amount":1_000}`: "MALFORMED_JSON",
		`{"amount":1,"amount":100}`: "MALFORMED_JSON", `null`: "MALFORMED_JSON", `[]`: "MALFORMED_JSON",
		`"x"`: "MALFORMED_JSON", `1`: "MALFORMED_JSON", `true`: "MALFORMED_JSON", `{`: "MALFORMED_JSON",
		` `: "MALFORMED_JSON", good + good: "MALFORMED_JSON", good + " garbage": "MALFORMED_JSON", good + "]": "MALFORMED_JSON",
		"\xef\xbb\xbf" + good: "MALFORMED_JSON", `{"amount":1,}`: "MALFORMED_JSON", `{'amount':1}`: "MALFORMED_JSON",
		`{"amount":1,"description":"` + "\xff" + `"}`: "MALFORMED_JSON", `{"amount":1,"description":"\ud800"}`: "MALFORMED_JSON",
		`{"typo":1,"amount":}`: "MALFORMED_JSON", `{"description":` + strings.Repeat("[", 60000) + `}`: "MALFORMED_JSON",

		`{"Amount":100}`: "UNKNOWN_FIELD", `{"amount":1,"status":"FINISHED"}`: "UNKNOWN_FIELD", `{"amount":1,"id":"x"}`: "UNKNOWN_FIELD",
		`{"amount":1,"user_id":"u2"}`: "UNKNOWN_FIELD", `{"amount":1,"balance":1}`: "UNKNOWN_FIELD",
		`{"amount":1,"x":{"y":[1,{"z":null}]}}`: "UNKNOWN_FIELD",

		`{"amount":1,"description":5}`: "INVALID_DESCRIPTION", `{"amount":1,"description":[]}`: "INVALID_DESCRIPTION",
	} {
		t.Run(body[:min(len(body), 40)], func(t *testing.T) {
			a := g.send(t, "POST", "/orders", body)
			wantProblem(t, a, 400, code)
			if len(a.problem().Errors) != 1 && code != "MALFORMED_JSON" {
				t.Errorf("names no field: %s", a.body)
			}
		})
	}
	if g.service.calls != 0 {
		t.Errorf("%d calls reached the service", g.service.calls)
	}
}

func TestDescriptionsPassUnchanged(t *testing.T) {
	g := startOrders(t)
	for _, text := range []string{"", strings.Repeat("я", 1000), strings.Repeat("😀", 1000), "<a>&'\u2028\t\n\\\"/é"} {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`, "\n", `\n`).Replace(text)
		a := g.send(t, "POST", "/orders", `{"amount":1,"description":"`+quoted+`"}`)
		if got := g.service.request.(*ordersv1.CreateOrderRequest).GetDescription(); a.status != 201 || got != text {
			t.Errorf("%d code points: got %d, %q", utf8.RuneCountInString(text), a.status, got)
		}
		if !strings.Contains(a.body, `"description":"`+quoted+`"`) {
			t.Errorf("not given back as sent: %s", a.body)
		}
	}
}

func TestListOrdersPassesItsParameters(t *testing.T) {
	g := startOrders(t)
	a := g.send(t, "GET", "/orders?page_size=0200&status=NEW", "")
	wantProblem(t, a, 400, "INVALID_PAGE_SIZE")
	a = g.send(t, "GET", "/orders?page_size=1000&status=CANCELLED&page_token=a%2Bb", "")
	if a.status != 200 || a.body != `{"orders":[]}` {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	request := g.service.request.(*ordersv1.ListOrdersRequest)
	if request.GetPageSize() != 1000 || request.GetStatus() != ordersv1.Order_CANCELLED || request.GetPageToken() != "a+b" {
		t.Errorf("got %v", request)
	}
}

func TestBadParametersAreRefused(t *testing.T) {
	g := startOrders(t)
	for query, code := range map[string]string{
		"page_size=x": "INVALID_PAGE_SIZE", "page_size=1e1": "INVALID_PAGE_SIZE", "page_size=2147483648": "INVALID_PAGE_SIZE",
		"page_size=0x10": "INVALID_PAGE_SIZE", "page_size=010": "INVALID_PAGE_SIZE", "page_size=": "INVALID_PAGE_SIZE",
		"page_size=1&page_size=2": "INVALID_PAGE_SIZE", "page_size=%2B1": "INVALID_PAGE_SIZE",
		"status=BAD": "INVALID_STATUS", "status=1": "INVALID_STATUS", "status=STATUS_UNSPECIFIED": "INVALID_STATUS", "status=new": "INVALID_STATUS",
		"page_token=%ff": "INVALID_PAGE_TOKEN",
		"foo=1":          "UNKNOWN_PARAMETER", "user_id=u2": "UNKNOWN_PARAMETER", "pageSize=1": "UNKNOWN_PARAMETER", "wait=5s": "UNKNOWN_PARAMETER",
		"%ff=1": "UNKNOWN_PARAMETER", "=1": "UNKNOWN_PARAMETER",
		"page_size=%zz": "MALFORMED_QUERY", "page_size=1;status=NEW": "MALFORMED_QUERY",
	} {
		t.Run(query, func(t *testing.T) {
			wantProblem(t, g.send(t, "GET", "/orders?"+query, ""), 400, code)
		})
	}
	wantProblem(t, g.send(t, "GET", "/orders/"+orderID+"?id="+orderID, ""), 400, "UNKNOWN_PARAMETER")
	wantProblem(t, g.send(t, "POST", "/orders?amount=5", `{"amount":1}`), 400, "UNKNOWN_PARAMETER")
	wantProblem(t, g.send(t, "GET", "/health?x=1", ""), 400, "UNKNOWN_PARAMETER")
}

func TestPathsMeanOneThing(t *testing.T) {
	g := startOrders(t)
	for _, path := range []string{
		"/", "/orders/", "//orders", "/orders/../orders", "/ORDERS", "/orders/" + orderID + "/x", "/nope",
		"/orders//events", "//events", "/orders/" + orderID + "/events/", "/orders/" + orderID + "/EVENTS", "/orders/a/" + orderID + "/events",
		"/orders/" + orderID + "/", "/orders/a%2Fb", "/accounts", "/orders%2f..",
	} {
		if a := g.send(t, "GET", path, ""); a.status != 404 && a.problem().Code != "INVALID_ORDER_ID" {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
	for _, id := range []string{"abc", "123", strings.Repeat("z", 36), orderID + "x", "{" + orderID + "}", "%ff", "x:y", "..", "%00"} {
		t.Run(id, func(t *testing.T) {
			wantProblem(t, g.send(t, "GET", "/orders/"+id, ""), 400, "INVALID_ORDER_ID")
			wantProblem(t, g.send(t, "GET", "/orders/"+id+"/events", ""), 400, "INVALID_ORDER_ID")
		})
	}
	a := g.send(t, "GET", "/orders/"+strings.ToUpper(orderID), "")
	if a.status != 200 {
		t.Errorf("upper case: got %d %s", a.status, a.body)
	}
}
