package main

import (
	"fmt"
	"runtime/debug"
)

// workersIdleMax is how many workers wait for the next call; more than are at work at once while
// the service answers in time. The others end with their call.
const workersIdleMax = 64

// workers run calls on stacks that have grown. A call goes deeper than what else a connection does, and
// each garbage collection shrinks the stacks of what waits: a connection that called by itself would
// have its stack copied with nearly each request, and would keep a large one while it is silent.
//
// They are as many as calls that run, or have run, at once; the idle ones live as long as the process.
type workers struct {
	calls chan *workerCall
	idle  places
}

type workerCall struct {
	do   func()
	done chan struct{}
	// failed is why do panicked; nil if it did not.
	failed error
}

func newWorkers() *workers {
	return &workers{calls: make(chan *workerCall), idle: make(places, workersIdleMax)}
}

// run returns when do has. It panics, with the stack of the worker as text, if do does.
func (w *workers) run(do func()) {
	call := &workerCall{do: do, done: make(chan struct{})}
	select {
	case w.calls <- call:
	default:
		go w.work(call)
	}
	<-call.done
	if call.failed != nil {
		panic(call.failed)
	}
}

func (w *workers) work(call *workerCall) {
	for {
		call.run()
		if !w.idle.take() {
			return
		}
		call = <-w.calls
		w.idle.leave()
	}
}

func (c *workerCall) run() {
	defer close(c.done)
	defer func() {
		if reason := recover(); reason != nil {
			c.failed = fmt.Errorf("%v\n%s", reason, debug.Stack())
		}
	}()
	c.do()
}
