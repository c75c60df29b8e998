package main

import (
	"strings"
	"testing"
)

// ran gives the exit code and what is said of what went wrong.
func ran(t *testing.T, environment map[string]string, arguments ...string) (int, string) {
	t.Helper()
	var out, log strings.Builder
	code := run(t.Context(), arguments, func(name string) string { return environment[name] }, &out, &log)
	return code, log.String()
}

func TestUnknownCommandsAreRefused(t *testing.T) {
	for _, arguments := range [][]string{nil, {"purge"}, {"audit", "now"}} {
		if code, log := ran(t, nil, arguments...); code != exitUnknown || !strings.HasPrefix(log, "usage:") {
			t.Errorf("%q: %d, %s", arguments, code, log)
		}
	}
}

func TestBadSettingsAreNamedBeforeAnythingIsDone(t *testing.T) {
	for _, test := range []struct {
		command string
		setting map[string]string
		named   string
	}{
		{"audit", map[string]string{"WAIT": "30"}, "WAIT"},
		{"audit", map[string]string{"WAIT": "-1s"}, "WAIT"},
		{"audit", map[string]string{"SETTLE_WITHIN": "soon"}, "SETTLE_WITHIN"},
		{"redrive", map[string]string{"QUEUE": "orders"}, "QUEUE"},
		{"redrive", map[string]string{"CONFIRM": "yes"}, "QUEUE"},
		{"redrive", map[string]string{"QUEUE": "payments.payment-requested", "CONFIRM": "YES"}, "CONFIRM"},
		{"redrive", map[string]string{"MAX": "0"}, "MAX"},
		{"redrive", map[string]string{"MAX": "100001"}, "MAX"},
	} {
		if code, log := ran(t, test.setting, test.command); code != exitUnknown || !strings.Contains(log, test.named) {
			t.Errorf("%s %v: %d, %s", test.command, test.setting, code, log)
		}
	}
}

func TestQueuesAreNamedEitherWay(t *testing.T) {
	for _, queue := range []string{"payments.payment-requested", "payments.payment-requested.dlq"} {
		settings, err := loadRedriveSettings(func(name string) string { return map[string]string{"QUEUE": queue}[name] })
		if err != nil || len(settings.queues) != 1 || settings.queues[0] != "payments.payment-requested.dlq" || settings.send {
			t.Errorf("%+v, %v", settings, err)
		}
	}
}
