package generator

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestWrkIsReadByItsLastLine(t *testing.T) {
	const output = "Running 2s test @ http://127.0.0.1:8080\n  1 threads and 32 connections\n" +
		"Requests/sec:   1200.25\nTransfer/sec:    400.00KB\n" +
		`{"sent":2430,"answered":2401,"refused":7,"broken":1,"took_us":2000417,"p50_us":2600,"p99_us":15020,"max_us":21000}` + "\n"
	burst, err := parseWrk(output)
	want := Burst{
		Sent: 2430, Answered: 2401, Refused: 7, Broken: 1, Took: 2000417 * time.Microsecond,
		P50: 2600 * time.Microsecond, P99: 15020 * time.Microsecond, Max: 21000 * time.Microsecond,
	}
	if err != nil || burst != want {
		t.Errorf("%+v, %v, want %+v", burst, err, want)
	}
}

func TestWhatAnOpenLoopSentIsToldFromWhatBecameOfIt(t *testing.T) {
	attack := Burst{Sent: 3000, Answered: 2990, Refused: 20, Broken: 4, Took: 2 * time.Second, P50: 1, P99: 2, Max: 3, CPU: 4}.attack()
	want := Attack{
		Sent: 2994, Made: 2970, Others: map[string]int{"refused": 20, "broken": 4}, PerSecond: 1500, P50: 1, P99: 2, Max: 3, CPU: 4,
	}
	if !reflect.DeepEqual(attack, want) {
		t.Errorf("%+v, want %+v", attack, want)
	}
}

func TestWrkThatSaysNothingIsAnError(t *testing.T) {
	for _, output := range []string{"", "unable to connect to 127.0.0.1:8080 Connection refused\n", "{}"} {
		if burst, err := parseWrk(output); err == nil {
			t.Errorf("%q is %+v", output, burst)
		}
	}
}

func TestVegetaTellsWhatWasMadeAndWhatWasNot(t *testing.T) {
	attack, err := parseVegeta(`{"latencies":{"50th":2000000,"95th":4000000,"99th":31000000,"max":90000000},"requests":6000,` +
		`"rate":100.01,"throughput":99,"status_codes":{"0":2,"200":90,"201":5900,"503":8},"errors":["503 Service Unavailable"]}`)
	want := Attack{
		Sent: 6000, Made: 5990, Others: map[string]int{"0": 2, "503": 8}, PerSecond: 100.01,
		P50: 2 * time.Millisecond, P95: 4 * time.Millisecond, P99: 31 * time.Millisecond, Max: 90 * time.Millisecond,
	}
	if err != nil || !reflect.DeepEqual(attack, want) {
		t.Errorf("%+v, %v, want %+v", attack, err, want)
	}
}

func TestVegetaThatSentNothingIsAnError(t *testing.T) {
	for _, report := range []string{"", "{}", "bad target"} {
		if attack, err := parseVegeta(report); err == nil {
			t.Errorf("%q is %+v", report, attack)
		}
	}
}

func TestPgbenchTellsHowManyAndHowFast(t *testing.T) {
	transactions, err := parsePgbench("pgbench (15.14)\ntransaction type: create_order.sql\n" +
		"number of transactions actually processed: 104512\nnumber of failed transactions: 0 (0.000%)\n" +
		"latency average = 2.296 ms\ninitial connection time = 32.1 ms\n" +
		"tps = 6968.412345 (without initial connection time)\n")
	if want := (Transactions{Done: 104512, PerSecond: 6968.412345}); err != nil || transactions != want {
		t.Errorf("%+v, %v, want %+v", transactions, err, want)
	}
}

func TestPgbenchThatMadeNothingIsAnError(t *testing.T) {
	for _, output := range []string{"", "number of transactions actually processed: 0\ntps = 0.000000 (x)\n"} {
		if transactions, err := parsePgbench(output); err == nil {
			t.Errorf("%q is %+v", output, transactions)
		}
	}
}

func TestPgbenchLogIsReadWithoutTheLag(t *testing.T) {
	took, err := parsePgbenchLog("0 0 912 0 1763850000 123456 112\n0 1 700 0 1763850000 173456 0\n")
	if want := []time.Duration{800 * time.Microsecond, 700 * time.Microsecond}; err != nil || !slices.Equal(took, want) {
		t.Errorf("%v, %v, want %v", took, err, want)
	}
	if took, err := parsePgbenchLog("0 0 failed 0 1763850000 123456 112\n"); err == nil {
		t.Errorf("a failed transaction took %v", took)
	}
}
