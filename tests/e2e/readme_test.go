package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// step is one Invoke-RestMethod of the README.
type step struct {
	method, url, contentType, body string
	// polls marks a request inside the loop that waits for the order.
	polls bool
}

var (
	powershellBlock = regexp.MustCompile("(?s)```powershell\n(.*?)```")
	invocation      = regexp.MustCompile(`Invoke-RestMethod [^\n]*`)
	methodArgument  = regexp.MustCompile(`-Method (\w+)`)
	uriArgument     = regexp.MustCompile(`-Uri \(?"([^"]*)"`)
	typeArgument    = regexp.MustCompile(`-ContentType "([^"]*)"`)
	bodyArgument    = regexp.MustCompile(`-Body \(@\{([^}]*)\} \| ConvertTo-Json\)`)
	bodyMember      = regexp.MustCompile(`(\w+) = (?:(\d+)|"([^"]*)")`)
)

// parsePowerShell reads the README's example: the requests, in order.
func parsePowerShell(t *testing.T, script string) []step {
	t.Helper()
	script = strings.ReplaceAll(script, "`\n", " ")
	loop := strings.Index(script, "ForEach-Object")
	var steps []step
	for _, at := range invocation.FindAllStringIndex(script, -1) {
		line := script[at[0]:at[1]]
		s := step{
			method: strings.ToUpper(argument(methodArgument, line)), url: argument(uriArgument, line),
			contentType: argument(typeArgument, line), polls: loop >= 0 && at[0] > loop,
		}
		if body := bodyArgument.FindStringSubmatch(line); body != nil {
			s.body = convertToJSON(t, body[1])
		}
		if s.method == "" || s.url == "" || !strings.Contains(line, `-Headers @{ "X-User-Id" = "`) {
			t.Fatalf("not understood: %s", line)
		}
		steps = append(steps, s)
	}
	return steps
}

func argument(pattern *regexp.Regexp, line string) string {
	if match := pattern.FindStringSubmatch(line); match != nil {
		return match[1]
	}
	return ""
}

// convertToJSON writes a hash table's members as PowerShell does: over several lines.
func convertToJSON(t *testing.T, members string) string {
	t.Helper()
	object := map[string]any{}
	for _, member := range bodyMember.FindAllStringSubmatch(members, -1) {
		if member[2] == "" {
			object[member[1]] = member[3]
			continue
		}
		number, err := strconv.ParseInt(member[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		object[member[1]] = number
	}
	data, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\n", "\r\n")
}

func TestTheExampleOfTheREADMEWorks(t *testing.T) {
	for _, readme := range []string{"README.md", "README.ru.md"} {
		t.Run(readme, func(t *testing.T) { replayPowerShell(t, "../../"+readme) })
	}
}

func replayPowerShell(t *testing.T, file string) {
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	blocks := powershellBlock.FindAllSubmatch(readme, -1)
	if blocks == nil {
		t.Fatal("no PowerShell example")
	}
	here := strings.NewReplacer("http://localhost:8080", ordersURL, "http://localhost:8081", paymentsURL)
	for _, block := range blocks {
		u := newUser(t)
		var made order
		for _, s := range parsePowerShell(t, string(block[1])) {
			url := strings.ReplaceAll(here.Replace(s.url), "{0}", made.ID)
			if s.polls {
				if o := u.settled(url[strings.LastIndexByte(url, '/')+1:]); o.Status != "FINISHED" {
					t.Errorf("got %+v", o)
				}
				continue
			}
			header := http.Header{}
			if s.contentType != "" {
				header.Set("Content-Type", s.contentType)
			}
			a, err := u.send(s.method, url, s.body, header)
			if err != nil || a.status >= 300 {
				t.Fatalf("%s %s %s: got %v, %v", s.method, url, s.body, a, err)
			}
			if s.method == http.MethodPost && strings.HasSuffix(url, "/orders") {
				made = decode[order](t, a.body)
			}
		}
	}
}

// The form of the example, in case README.md changes its own.
func TestThePowerShellExampleIsUnderstood(t *testing.T) {
	script := "Invoke-RestMethod -Method Post -Uri \"http://localhost:8081/accounts\" `\n" +
		"  -Headers @{ \"X-User-Id\" = \"u1\" } `\n  -ContentType \"application/json\" `\n  -Body (@{} | ConvertTo-Json)\n\n" +
		"$o = Invoke-RestMethod -Method Post -Uri \"http://localhost:8080/orders\" `\n" +
		"  -Headers @{ \"X-User-Id\" = \"u1\" } `\n  -ContentType \"application/json\" `\n" +
		"  -Body (@{ amount = 100; description = \"coffee\" } | ConvertTo-Json)\n\n" +
		"1..20 | ForEach-Object {\n  $st = Invoke-RestMethod -Method Get -Uri (\"http://localhost:8080/orders/{0}\" -f $o.id) `\n" +
		"    -Headers @{ \"X-User-Id\" = \"u1\" }\n}\n"
	want := []step{
		{"POST", "http://localhost:8081/accounts", "application/json", "{}", false},
		{"POST", "http://localhost:8080/orders", "application/json", "{\r\n  \"amount\": 100,\r\n  \"description\": \"coffee\"\r\n}", false},
		{"GET", "http://localhost:8080/orders/{0}", "", "", true},
	}
	got := parsePowerShell(t, script)
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}
