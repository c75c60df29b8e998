// Package load plays many users of the system at once: who order, with idempotency keys and
// without, try again what was not answered, send the same twice at once, pay in, open accounts,
// read and list, and get requests wrong.
package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"orderspayments/tests/chaos/journal"
)

const (
	// SessionsPerSecond are begun, whatever became of those before; each is one call or some.
	SessionsPerSecond = 60
	// sessionsMax are under way at once; further ones are held back.
	sessionsMax = 1000
	// usersMax bounds the accounts that sessions open.
	usersMax = 200
	// writesKept are remembered, to be repeated and read.
	writesKept = 2000
	twinsMax   = 5

	retryPauseMin, retryPauseMax = 50 * time.Millisecond, 500 * time.Millisecond
)

// user of the system, and what the load does in the name.
type user struct {
	name    string
	paysIn  bool // now and then; the others have what they began with
	account bool // others never open one
}

// write that was acknowledged.
type write struct {
	call    journal.Call // as it was answered
	orderID string       // "" of a top-up
}

// Load is one run. Make it by New.
type Load struct {
	client *client
	prefix string
	number atomic.Int64 // makes descriptions and amounts unlike any other

	lock   sync.Mutex
	random *rand.Rand
	users  []user
	writes []write // a ring
	next   int

	// HeldBack counts sessions that were not begun.
	HeldBack int
}

// New is a load on the gateways, of users whose names begin with the prefix and who are nobody
// else's. All its calls go into the journal.
func New(urls map[journal.Service]string, calls *journal.Journal, prefix string, seed uint64) *Load {
	l := &Load{client: newClient(urls, calls), prefix: prefix, random: rand.New(rand.NewPCG(seed, 1))}
	for i := range 20 {
		l.users = append(l.users, user{fmt.Sprintf("%s-rich-%d", prefix, i), true, true})
	}
	for i := range 10 {
		l.users = append(l.users, user{fmt.Sprintf("%s-poor-%d", prefix, i), false, true})
	}
	for i := range 3 {
		l.users = append(l.users, user{fmt.Sprintf("%s-stranger-%d", prefix, i), false, false})
	}
	return l
}

// Open gives the users their accounts and first money; an error is one who did not get it.
func (l *Load) Open(ctx context.Context) error {
	for _, u := range l.users {
		if u.account && !l.open(ctx, u) {
			return fmt.Errorf("%s has no account: %w", u.name, ctx.Err())
		}
	}
	return nil
}

// Run begins sessions until it is stopped, and returns when all are over, or the context is.
func (l *Load) Run(ctx context.Context, stop <-chan struct{}) {
	var sessions sync.WaitGroup
	defer sessions.Wait()
	places := make(chan struct{}, sessionsMax)
	ticker := time.NewTicker(time.Second / SessionsPerSecond)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		select {
		case places <- struct{}{}:
			session := l.pick()
			sessions.Go(func() {
				defer func() { <-places }()
				session(l, ctx)
			})
		default:
			l.HeldBack++
		}
	}
}

// insist sends the call again until its outcome is known, and tells whether it is.
func (l *Load) insist(ctx context.Context, call journal.Call) (journal.Call, bool) {
	for {
		sent := l.client.send(ctx, call)
		if !unanswered(sent) {
			return sent, true
		}
		select {
		case <-ctx.Done():
			return sent, false
		case <-time.After(retryPauseMin + l.below(retryPauseMax-retryPauseMin)):
		}
	}
}

func (l *Load) below(most time.Duration) time.Duration {
	return time.Duration(l.intN(int(most)))
}

func (l *Load) intN(n int) int {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.random.IntN(n)
}

// someone is any user.
func (l *Load) someone() user {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.users[l.random.IntN(len(l.users))]
}

// payer is any user who pays in.
func (l *Load) payer() user {
	for {
		if u := l.someone(); u.paysIn {
			return u
		}
	}
}

func (l *Load) join(u user) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.users = append(l.users, u)
}

func (l *Load) keep(w write) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if len(l.writes) < writesKept {
		l.writes = append(l.writes, w)
		return
	}
	l.writes[l.next] = w
	l.next = (l.next + 1) % writesKept
}

// recall is some write that fits, if chance finds one.
func (l *Load) recall(fits func(write) bool) (write, bool) {
	const tries = 20
	l.lock.Lock()
	defer l.lock.Unlock()
	for range min(tries, len(l.writes)) {
		if w := l.writes[l.random.IntN(len(l.writes))]; fits(w) {
			return w, true
		}
	}
	return write{}, false
}
