package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDefaultsFollowTheBackend(t *testing.T) {
	orders := testSettings(t, map[string]string{"BACKEND": "orders"})
	payments := testSettings(t, map[string]string{"BACKEND": "payments", "REQUEST_TIMEOUT": "3s", "GRPC_TARGET": "unix:/run/p.sock,127.0.0.1:9082"})
	if orders.httpListen != "127.0.0.1:8080" || payments.httpListen != "127.0.0.1:8081" {
		t.Errorf("got %s, %s", orders.httpListen, payments.httpListen)
	}
	if orders.requestTimeout != 10*time.Second || payments.requestTimeout != 3*time.Second {
		t.Errorf("got %v, %v", orders.requestTimeout, payments.requestTimeout)
	}
	if !slices.Equal(orders.grpcTargets, []string{"127.0.0.1:9080"}) || !slices.Equal(payments.grpcTargets, []string{"unix:/run/p.sock", "127.0.0.1:9082"}) {
		t.Errorf("got %s, %s", orders.grpcTargets, payments.grpcTargets)
	}
}

func TestBadValuesStopTheStartByName(t *testing.T) {
	for name, values := range map[string][]string{
		"BACKEND":         {"", "Orders", "both"},
		"HTTP_LISTEN":     {"8080", "127.0.0.1", "127.0.0.1:99999", "x:y"},
		"GRPC_TARGET":     {"unix:relative", "nowhere", "127.0.0.1:9080,", "127.0.0.1:9080, unix:/run/p.sock"},
		"REQUEST_TIMEOUT": {"10", "0s", "-1s", "2h"},
		"WRITE_TIMEOUT":   {"20s", "10m"},
		"CALLS_MAX":       {"0", "many"},
		"WATCHERS_MAX":    {"0", "few"},
		"CONNECTIONS_MAX": {"0", "-1"},
		"WATCH_TIMEOUT":   {"10", "0s", "2h"},
		"HEARTBEAT":       {"15", "0s", "1h"},
		"BODY_BYTES_MAX":  {"64k", "0", "9999999999"},
		"LOG_LEVEL":       {"loud"},
	} {
		for _, value := range values {
			environment := map[string]string{"BACKEND": "orders"}
			environment[name] = value
			_, err := loadSettings(func(name string) string { return environment[name] })
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%q: got %v", name, value, err)
			}
		}
	}
}
