package rig

import (
	"math/rand/v2"
	"sync"
)

const (
	portsFirst = 10_000
	portsLast  = 32_000
)

// ports are handed out once each, from a place of chance on: other tests may run beside.
var ports = sync.OnceValue(func() <-chan int {
	next := make(chan int)
	go func() {
		for port := portsFirst + rand.IntN(portsLast-portsFirst); ; port++ {
			next <- portsFirst + port%(portsLast-portsFirst)
		}
	}()
	return next
})
