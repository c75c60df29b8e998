package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	chunkBytesMax = 16 << 10
	// chunksInFlightMax is what one direction keeps while it is held or delayed; then the
	// sender has to wait.
	chunksInFlightMax = 64
)

// link is one connection of a client and its twin to the server.
type link struct {
	proxy          *Proxy
	client, server *net.TCPConn
	ended          chan struct{}
	end            sync.Once

	// Set by the request that was judged so, read when the server says something.
	cutOnReply, silent atomic.Bool
}

// chunk is what one read gave, and when it may arrive. An empty one is the sender's end.
type chunk struct {
	bytes []byte
	due   time.Time
}

func newLink(p *Proxy, client, server *net.TCPConn) *link {
	return &link{proxy: p, client: client, server: server, ended: make(chan struct{})}
}

// run returns when both directions have ended.
func (l *link) run() {
	watch := watcher{link: l}
	var group sync.WaitGroup
	l.pump(&group, ToServer, l.client, l.server, watch.admits)
	l.pump(&group, ToClient, l.server, l.client, l.admitsReply)
	group.Wait()
	l.close()
}

// pump passes on what `admits` does not stop.
func (l *link) pump(group *sync.WaitGroup, direction Direction, from, to *net.TCPConn, admits func([]byte) bool) {
	chunks := make(chan chunk, chunksInFlightMax)
	group.Go(func() {
		defer close(chunks)
		l.read(from, chunks, admits)
	})
	group.Go(func() { l.write(direction, to, chunks) })
}

func (l *link) read(from *net.TCPConn, chunks chan<- chunk, admits func([]byte) bool) {
	for {
		buffer := make([]byte, chunkBytesMax)
		n, err := from.Read(buffer)
		if n > 0 && admits(buffer[:n]) && !l.enqueue(chunks, buffer[:n]) {
			return
		}
		if errors.Is(err, io.EOF) {
			l.enqueue(chunks, nil)
			return
		}
		if err != nil {
			l.reset()
			return
		}
	}
}

// enqueue is false when the link has ended.
func (l *link) enqueue(chunks chan<- chunk, bytes []byte) bool {
	select {
	case chunks <- chunk{bytes, time.Now().Add(l.proxy.delayed())}:
		return true
	case <-l.ended:
		return false
	}
}

func (l *link) write(direction Direction, to *net.TCPConn, chunks <-chan chunk) {
	for next := range chunks {
		if !l.await(next.due, direction) {
			return
		}
		if len(next.bytes) == 0 {
			to.CloseWrite()
			return
		}
		if _, err := to.Write(next.bytes); err != nil {
			l.reset()
			return
		}
	}
}

// await returns when it is due and the direction is not held, and is false when the link
// has ended before.
func (l *link) await(due time.Time, direction Direction) bool {
	if wait := time.Until(due); wait > 0 {
		select {
		case <-time.After(wait):
		case <-l.ended:
			return false
		}
	}
	for {
		held, changed := l.proxy.holds(direction)
		if !held {
			return true
		}
		select {
		case <-changed:
		case <-l.ended:
			return false
		}
	}
}

func (l *link) admitsReply([]byte) bool {
	if l.cutOnReply.Load() {
		l.reset()
		return false
	}
	return !l.silent.Load()
}

// reset ends both connections at once; what was under way is lost.
func (l *link) reset() {
	l.end.Do(func() {
		close(l.ended)
		resetConnection(l.client)
		resetConnection(l.server)
	})
}

func (l *link) close() {
	l.end.Do(func() {
		close(l.ended)
		l.client.Close()
		l.server.Close()
	})
}

func resetConnection(connection *net.TCPConn) {
	connection.SetLinger(0)
	connection.Close()
}

// watcher looks for the bytes that OnRequest names in what one client sends.
type watcher struct {
	link     *link
	tail     []byte // the end of what was seen, shorter than the longest of them
	requests int
}

// admits is false when the request must not reach the server.
func (w *watcher) admits(sent []byte) bool {
	for _, request := range w.matches(sent) {
		w.requests++
		switch w.link.proxy.judgeRequest(request, w.requests) {
		case CutBefore:
			w.link.reset()
			return false
		case CutAfter:
			w.link.cutOnReply.Store(true)
		case Silence:
			w.link.silent.Store(true)
		case Pass:
		}
	}
	return true
}

func (w *watcher) matches(sent []byte) (found [][]byte) {
	watched := w.link.proxy.watchedBytes()
	if len(watched) == 0 {
		w.tail = nil
		return nil
	}
	seen := append(w.tail, sent...)
	longest := 0
	for _, each := range watched {
		// Those that end in what is new.
		from := max(0, len(w.tail)-len(each)+1)
		for range bytes.Count(seen[from:], each) {
			found = append(found, each)
		}
		longest = max(longest, len(each))
	}
	w.tail = bytes.Clone(seen[max(0, len(seen)-longest+1):])
	return found
}

func (p *Proxy) watchedBytes() [][]byte {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.watched
}

func (p *Proxy) judgeRequest(request []byte, n int) Verdict {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.judge == nil {
		return Pass
	}
	p.requests[string(request)]++
	return p.judge(n)
}
