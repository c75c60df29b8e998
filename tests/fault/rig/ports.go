package rig

import (
	"math/rand/v2"
	"sync"
)

// Below those of the systems that tests run on, which may be away when a port is chosen, and
// below those that the kernel gives to clients.
const (
	portsFirst = 10_000
	portsLast  = 15_000
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
