package e2e

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	ordersv1 "orderspayments/gen/orders/v1"
)

// events reads a stream of an order's changes to its end.
func (u user) events(url string) []order {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), settleTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		u.t.Fatal(err)
	}
	request.Header.Set("X-User-Id", u.id)
	// Without the client's own limit: an order may take longer to settle.
	response, err := client.Transport.RoundTrip(request)
	if err != nil {
		u.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		u.t.Fatalf("got %s %v", response.Status, response.Header)
	}
	var orders []order
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			orders = append(orders, decode[order](u.t, []byte(data)))
		}
	}
	if err := lines.Err(); err != nil && err != io.EOF {
		u.t.Fatalf("after %+v: %v", orders, err)
	}
	return orders
}

// statuses are each event's, which for an order that settles may not show NEW any more.
func statuses(orders []order) []string {
	var all []string
	for _, o := range orders {
		all = append(all, o.Status)
	}
	return all
}

func TestTheEventsOfAnOrderEndWithItsSettling(t *testing.T) {
	u := newUser(t)
	u.openAccount()
	u.topUp(1000)
	for name, prefix := range map[string]string{"gateway": ordersURL, "page's proxy": frontendURL + "/api/orders"} {
		t.Run(name, func(t *testing.T) {
			made := u.order(100, "watched\nclosely")
			seen := u.events(prefix + "/orders/" + made.ID + "/events")
			if got := statuses(seen); !slices.Equal(got, []string{"NEW", "FINISHED"}) && !slices.Equal(got, []string{"FINISHED"}) {
				t.Fatalf("got %+v", seen)
			}
			if last, now := seen[len(seen)-1], u.getOrder(made.ID); last != now {
				t.Errorf("the last event is %+v, the order %+v", last, now)
			}
			if again := u.events(prefix + "/orders/" + made.ID + "/events"); len(again) != 1 || again[0] != seen[len(seen)-1] {
				t.Errorf("a settled order: %+v", again)
			}
		})
	}
}

func TestWhatCannotBeWatchedIsAProblem(t *testing.T) {
	owner, other := newUser(t), newUser(t)
	made := owner.order(5, "private")
	foreign := refusalOf(other, ordersURL+"/orders/"+made.ID+"/events")
	random := refusalOf(other, ordersURL+"/orders/01890a5d-ac96-774b-bcce-b302099a8057/events")
	if foreign.status != 404 || foreign.code() != "ORDER_NOT_FOUND" || string(foreign.body) != string(random.body) {
		t.Errorf("a foreign order tells itself from none:\n%v\n%v", foreign, random)
	}
	if a := refusalOf(owner, ordersURL+"/orders/abc/events"); a.status != 400 || a.code() != "INVALID_ORDER_ID" {
		t.Errorf("got %v", a)
	}
	request, err := http.NewRequest(http.MethodGet, ordersURL+"/orders/"+made.ID+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := roundTrip(request); err != nil || a.status != 401 || a.code() != "MISSING_USER_ID" {
		t.Errorf("got %v, %v", a, err)
	}
}

func TestAnOrderIsWatchedOverGRPC(t *testing.T) {
	orders := ordersv1.NewOrdersServiceClient(dial(t, ordersGRPC))
	u := newUser(t)
	made := u.order(5, "without an account")
	ctx, cancel := context.WithTimeout(as(t, u.id), settleTimeout)
	defer cancel()
	stream, err := orders.WatchOrder(ctx, &ordersv1.WatchOrderRequest{Id: made.ID})
	if err != nil {
		t.Fatal(err)
	}
	var last *ordersv1.Order
	for {
		got, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		last = got
	}
	if last.GetStatus() != ordersv1.Order_CANCELLED || last.GetCancelReason() != ordersv1.Order_ACCOUNT_NOT_FOUND {
		t.Errorf("got %v", last)
	}
	for name, test := range map[string]struct {
		ctx  context.Context
		id   string
		code codes.Code
	}{
		"no identity":  {as(t), made.ID, codes.Unauthenticated},
		"another user": {as(t, newUser(t).id), made.ID, codes.NotFound},
		"no UUID":      {as(t, u.id), "abc", codes.InvalidArgument},
	} {
		t.Run(name, func(t *testing.T) {
			stream, err := orders.WatchOrder(test.ctx, &ordersv1.WatchOrderRequest{Id: test.id})
			if err == nil {
				_, err = stream.Recv()
			}
			if status.Code(err) != test.code {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnAnswerIsHeldUntilTheOrderSettles(t *testing.T) {
	u := newUser(t)
	u.openAccount()
	u.topUp(10)
	held := ordersURL + "/orders/" + u.order(10, "").ID + "?wait="
	if got := call[order](u, http.MethodGet, held+"10s", "", 200); got.Status != "FINISHED" {
		t.Errorf("got %+v", got)
	}
	for _, wait := range []string{"31s", "5", "-1s"} {
		if a := refusalOf(u, held+wait); a.status != 400 || a.code() != "INVALID_WAIT" {
			t.Errorf("%s: got %v", wait, a)
		}
	}
}
