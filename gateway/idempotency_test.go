package main

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"
)

func TestIdempotencyKeyReachesTheService(t *testing.T) {
	for name, start := range map[string]struct {
		gateway      func(*testing.T) *gateway
		target, body string
	}{
		"orders":  {startOrders, "/orders", goodOrder},
		"top-ups": {startPayments, "/accounts/topup", `{"amount":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			g := start.gateway(t)
			for _, key := range []string{"k", `"k"`, `!~a,b;"c\d`, strings.Repeat("k", 255), `"` + strings.Repeat("k", 255) + `"`} {
				a := g.send(t, "POST", start.target, start.body, "Idempotency-Key: "+key)
				if got := g.service.metadata["idempotency-key"]; a.status >= 300 || len(got) != 1 || got[0] != key {
					t.Errorf("%s: got %d %s, metadata %q", key, a.status, a.body, got)
				}
			}
			g.send(t, "POST", start.target, start.body)
			if got := g.service.metadata["idempotency-key"]; got != nil {
				t.Errorf("without a key: metadata %q", got)
			}
		})
	}
}

func TestBadIdempotencyKeysAreRefused(t *testing.T) {
	g := startOrders(t)
	for name, header := range map[string][]string{
		"two":            {"Idempotency-Key: a", "Idempotency-Key: b"},
		"the same twice": {"Idempotency-Key: a", "Idempotency-Key: a"},
		"a blank inside": {"Idempotency-Key: a b"},
		"nothing quoted": {`Idempotency-Key: ""`},
		"256 characters": {"Idempotency-Key: " + strings.Repeat("k", 256)},
		"not ASCII":      {"Idempotency-Key: ключ"},
	} {
		t.Run(name, func(t *testing.T) {
			a := g.send(t, "POST", "/orders", goodOrder, header...)
			wantProblem(t, a, 400, "INVALID_IDEMPOTENCY_KEY")
			if got := a.problem().Errors; len(got) != 1 || got[0].Field != "Idempotency-Key" {
				t.Errorf("got %v", got)
			}
		})
	}
	empty := rawOrder + "Idempotency-Key:\r\nContent-Length: 12\r\nConnection: close\r\n\r\n" + `{"amount":1}`
	if statuses := g.statusesOf(t, empty); !slices.Equal(statuses, []int{400}) {
		t.Errorf("an empty key: got %v", statuses)
	}
	if g.service.calls != 0 {
		t.Errorf("%d calls reached the service", g.service.calls)
	}
}

func TestOtherRoutesIgnoreIdempotencyKeys(t *testing.T) {
	g := startPayments(t)
	a := g.send(t, "POST", "/accounts", "{}", "Idempotency-Key: a b", "Idempotency-Key: c")
	if a.status != 201 || g.service.metadata["idempotency-key"] != nil {
		t.Errorf("got %d %s, metadata %v", a.status, a.body, g.service.metadata)
	}
}

func TestReplaysSaySo(t *testing.T) {
	g := startOrders(t)
	if got := g.send(t, "POST", "/orders", goodOrder).header.Values("Idempotent-Replayed"); got != nil {
		t.Errorf("a first answer: got %q", got)
	}
	g.service.header = metadata.Pairs("idempotent-replayed", "true", "other", "x")
	a := g.send(t, "POST", "/orders", goodOrder)
	if got := a.header.Values("Idempotent-Replayed"); a.status != 201 || len(got) != 1 || got[0] != "true" {
		t.Errorf("a replay: got %d %q", a.status, got)
	}
	for name := range a.header {
		if strings.Contains(name, "Other") {
			t.Errorf("metadata of the service leaks: %s", name)
		}
	}
}
