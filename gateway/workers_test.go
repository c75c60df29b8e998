package main

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestAWorkerTakesTheNextCall(t *testing.T) {
	w := newWorkers()
	worker := func() (name string) {
		w.run(func() { name = goroutine() })
		return name
	}
	first := worker()
	if first == goroutine() {
		t.Errorf("%s ran its call itself", first)
	}
	eventually(t, func() bool { return worker() == first })
}

func TestCallsAtOnceAllRunAndFewWorkersStay(t *testing.T) {
	const calls = 3 * workersIdleMax
	before := runtime.NumGoroutine()
	w := newWorkers()
	var running, callers sync.WaitGroup
	running.Add(calls)
	for range calls {
		callers.Go(func() {
			w.run(func() {
				running.Done()
				running.Wait() // None waits for a worker: all run at once.
			})
		})
	}
	callers.Wait()
	eventually(t, func() bool {
		return len(w.idle) == workersIdleMax && runtime.NumGoroutine() <= before+workersIdleMax
	})
}

func TestAPanicOfACallIsItsCallers(t *testing.T) {
	w := newWorkers()
	defer func() {
		reason := fmt.Sprint(recover())
		if !strings.HasPrefix(reason, "a bug\n") || !strings.Contains(reason, "workers_test.go") {
			t.Errorf("got %q", reason)
		}
		w.run(func() {}) // The worker is none the worse.
	}()
	w.run(func() { panic("a bug") })
	t.Error("the call returned")
}

// goroutine names the one that asks: the first line of its stack, "goroutine 7 [running]:".
func goroutine() string {
	head := make([]byte, 64)
	name, _, _ := strings.Cut(string(head[:runtime.Stack(head, false)]), " [")
	return name
}
