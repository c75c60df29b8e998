// Package proxy stands between clients and a server on loopback, and strikes their
// connections when told to. What it does to them is what a network, or the death of one
// side at the worst moment, would do.
package proxy

import (
	"errors"
	"maps"
	"net"
	"sync"
	"time"
)

// Direction is one way of a connection, or both.
type Direction int

// The ways, seen from the client.
const (
	ToServer Direction = 1 << iota
	ToClient
	Both = ToServer | ToClient
)

// Verdict is what befalls a connection at a request that OnRequest watches for.
type Verdict int

// Pass lets the request through. CutBefore resets the connection, and the server never
// sees the request. CutAfter resets it once the server has begun to answer: the request
// was obeyed, the client is not told. Silence lets the request through, but nothing that
// the server says from then on.
const (
	Pass Verdict = iota
	CutBefore
	CutAfter
	Silence
)

// Judge decides on a request that was watched for, the n-th of its connection, from 1. It is
// called for one at a time, and must not call the proxy.
type Judge func(n int) Verdict

const dialTimeout = 5 * time.Second

// Proxy passes connections on to one server. Its methods may be called from any goroutine.
type Proxy struct {
	target   string
	listener net.Listener
	running  sync.WaitGroup

	lock     sync.Mutex
	changed  chan struct{} // closed, and made anew, when something below changes
	closed   bool
	refusing bool
	held     Direction
	delay    time.Duration
	watched  [][]byte
	judge    Judge
	requests map[string]int
	links    map[*link]struct{}
}

// Start listens on a free port of loopback for the server at target, host:port, which need
// not be there yet. The caller closes it.
func Start(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{target: target, listener: listener, changed: make(chan struct{}), links: map[*link]struct{}{}}
	p.running.Go(p.accept)
	return p, nil
}

// Port is where clients connect to.
func (p *Proxy) Port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// Close resets all connections, and returns when nothing of the proxy runs any more.
func (p *Proxy) Close() {
	p.change(func() { p.closed = true })
	p.listener.Close()
	p.Cut()
	p.running.Wait()
}

// Heal takes back Refuse, Hold, Delay and OnRequest. What was held then passes.
func (p *Proxy) Heal() {
	p.change(func() {
		p.refusing, p.held, p.delay = false, 0, 0
		p.watched, p.judge, p.requests = nil, nil, nil
	})
}

// Refuse resets all connections, and every new one at once.
func (p *Proxy) Refuse() {
	p.change(func() { p.refusing = true })
	p.Cut()
}

// Cut resets the connections there are; new ones pass.
func (p *Proxy) Cut() { p.each((*link).reset) }

// HangUp closes the connections there are in good order, as a server that stops does.
func (p *Proxy) HangUp() { p.each((*link).close) }

// Hold lets nothing pass in the direction, of the connections there are and of new ones,
// but ends none: each side waits for a peer whose kernel still acknowledges. What
// is sent meanwhile waits, the end of a connection included.
func (p *Proxy) Hold(direction Direction) { p.change(func() { p.held = direction }) }

// Delay lets every byte arrive so much later, in both directions, at an unchanged rate.
func (p *Proxy) Delay(delay time.Duration) { p.change(func() { p.delay = delay }) }

// OnRequest watches what clients send for any of the byte strings, and asks the judge each time.
// They must not begin before a reply to what was sent before them is read by the client, as a
// COMMIT does not.
func (p *Proxy) OnRequest(judge Judge, anyOf ...string) {
	watched := make([][]byte, len(anyOf))
	for i, bytes := range anyOf {
		watched[i] = []byte(bytes)
	}
	p.change(func() { p.watched, p.judge, p.requests = watched, judge, map[string]int{} })
}

// Connections counts those that are open.
func (p *Proxy) Connections() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return len(p.links)
}

// Requests counts those that OnRequest has seen since it was called, by their byte strings.
func (p *Proxy) Requests() map[string]int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return maps.Clone(p.requests)
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		p.running.Go(func() { p.serve(client.(*net.TCPConn)) })
	}
}

func (p *Proxy) serve(client *net.TCPConn) {
	if !p.admits() {
		resetConnection(client)
		return
	}
	server, err := net.DialTimeout("tcp", p.target, dialTimeout)
	if err != nil {
		resetConnection(client)
		return
	}
	l := newLink(p, client, server.(*net.TCPConn))
	if !p.add(l) {
		l.reset()
		return
	}
	l.run()
	p.lock.Lock()
	delete(p.links, l)
	p.lock.Unlock()
}

func (p *Proxy) admits() bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	return !p.refusing && !p.closed
}

// add is false if a strike came while the server was dialed.
func (p *Proxy) add(l *link) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.refusing || p.closed {
		return false
	}
	p.links[l] = struct{}{}
	return true
}

func (p *Proxy) change(set func()) {
	p.lock.Lock()
	defer p.lock.Unlock()
	set()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) each(strike func(*link)) {
	p.lock.Lock()
	defer p.lock.Unlock()
	for l := range p.links {
		strike(l)
	}
}

// holds tells whether the direction is held, and gives a channel that is closed when that
// may have changed.
func (p *Proxy) holds(direction Direction) (bool, <-chan struct{}) {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.held&direction != 0, p.changed
}

func (p *Proxy) delayed() time.Duration {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.delay
}
