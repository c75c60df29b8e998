package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// get asks the page's server for a path exactly as written.
func get(t *testing.T, path string) answer {
	t.Helper()
	request, err := http.NewRequest("GET", frontendURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = "//" + request.URL.Host + path
	a, err := roundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestThePageIsServedWithItsProtections(t *testing.T) {
	page := get(t, "/")
	if page.status != 200 || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		t.Fatalf("got %d %v", page.status, page.header)
	}
	policy := page.header.Get("Content-Security-Policy")
	for _, directive := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, directive) {
			t.Errorf("the policy lacks %s: %s", directive, policy)
		}
	}
	if got := page.header["X-Content-Type-Options"]; len(got) != 1 || got[0] != "nosniff" {
		t.Errorf("X-Content-Type-Options: %v", got)
	}
	if server := page.header.Get("Server"); strings.ContainsAny(server, "0123456789") {
		t.Errorf("tells its version: %s", server)
	}
}

func TestTheAPIsAreBehindThePage(t *testing.T) {
	u := newUser(t)
	created := call[account](u, "POST", frontendURL+"/api/payments/accounts", "{}", 201)
	call[balance](u, "POST", frontendURL+"/api/payments/accounts/topup", `{"amount":10}`, 200)
	made := call[order](u, "POST", frontendURL+"/api/orders/orders", `{"amount":10}`, 201)
	if created.UserID != u.id || made.UserID != u.id {
		t.Errorf("got %+v, %+v", created, made)
	}
	if o := u.settled(made.ID); o.Status != "FINISHED" {
		t.Errorf("got %+v", o)
	}
	if got := call[order](u, "GET", frontendURL+"/api/orders/orders/"+made.ID, "", 200); got.Status != "FINISHED" {
		t.Errorf("got %+v", got)
	}
	a, err := u.send("GET", frontendURL+"/api/payments/accounts/balance", "", nil)
	if err != nil || a.status != 200 {
		t.Fatalf("got %v, %v", a, err)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := a.header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestNothingElseIsBehindThePage(t *testing.T) {
	for _, path := range []string{
		"/api/orders/../../etc/passwd", "/api/orders%2f..", "/.env", "/.git/config", "/nope", "/api/", "/api/metrics",
		"/api/orders/metrics", "/problem/500",
	} {
		if a := get(t, path); a.status != 400 && a.status != 404 {
			t.Errorf("%s: got %v", path, a)
		}
	}
}
