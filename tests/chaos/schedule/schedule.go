package schedule

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	// calm is the time before the first strike.
	calm = 2 * time.Second
	// Between the starts of two strikes. They overlap, for many last longer.
	gapMin, gapMax = 500 * time.Millisecond, 4500 * time.Millisecond

	// lastingMax is shorter than what a client may have to wait for any answer.
	lastingMin, lastingMax = time.Second, 6 * time.Second
	// A process needs time to start and to get there, while others are struck.
	failpointMin, failpointMax = 4 * time.Second, 8 * time.Second
	hitMax                     = 3

	// How long a part is spared after a strike on it is over: it has to be back, for a strike
	// on what lies on the ground shows nothing.
	processRest  = 3 * time.Second
	databaseRest = 5 * time.Second
	brokerRest   = 12 * time.Second

	// sparedMin is the end of a run in which no messages are destroyed: the sweeper, which brings
	// them back, is to have done so soon after the healing.
	sparedMin = time.Minute
)

// card is a strike that can be drawn.
type card struct {
	kind   Kind
	target string
	part   string
	lasts  bool
	rest   time.Duration
}

// deck has every strike once, in an order that is always the same.
func deck() []card {
	var cards []card
	add := func(kind Kind, target, part string, lasts bool, rest time.Duration) {
		cards = append(cards, card{kind, target, part, lasts, rest})
	}
	for _, process := range []string{OrdersService, PaymentsService, OrdersGateway, PaymentsGateway} {
		add(Kill, process, process, false, processRest)
		add(Freeze, process, process, true, processRest)
	}
	for _, database := range []string{OrdersPostgres, PaymentsPostgres} {
		add(Kill, database, database, false, databaseRest)
		add(Freeze, database, database, true, databaseRest)
		add(Terminate, database, database, false, 0)
	}
	for _, kind := range []Kind{Freeze, Stop, MemoryAlarm, DiskAlarm} {
		add(kind, Broker, Broker, true, brokerRest)
	}
	add(Kill, Broker, Broker, false, brokerRest)
	add(CloseConnections, Broker, Broker, false, 0)
	for _, queue := range []string{RequestQueue, AnswerQueue} {
		add(DeleteQueue, queue, Broker, false, 0)
		add(DeleteBinding, queue, Broker, false, 0)
	}
	for _, link := range []string{OrdersToDatabase, PaymentsToDatabase, OrdersToBroker, PaymentsToBroker} {
		add(Cut, link, link, false, 0)
		add(HalfOpen, link, link, true, 0)
	}
	add(Doubt, OrdersToDatabase, OrdersToDatabase, true, 0)
	add(Doubt, PaymentsToDatabase, PaymentsToDatabase, true, 0)
	for _, service := range slices.Sorted(maps.Keys(Failpoints)) {
		for _, failpoint := range Failpoints[service] {
			add(Failpoint, failpoint, service, true, processRest)
		}
	}
	return cards
}

// Make is a pure function: the same seed and duration give the same strikes, by their starts.
// They are drawn from a shuffled deck of all there are, so that a long run leaves none out. All
// are over within the duration; those that destroy messages start sparedMin before its end.
func Make(seed uint64, duration time.Duration) []Strike {
	random := rand.New(rand.NewPCG(seed, 0))
	free := map[string]time.Duration{} // when a part may be struck again
	var strikes []Strike
	var pile []card
	for now := calm; ; now += between(random, gapMin, gapMax) {
		if now+failpointMax > duration {
			return strikes
		}
		allowed := func(c card) bool { return now+sparedMin <= duration || !c.kind.Destroys() }
		if !slices.ContainsFunc(pile, allowed) {
			pile = deck()
			random.Shuffle(len(pile), func(i, j int) { pile[i], pile[j] = pile[j], pile[i] })
		}
		i := slices.IndexFunc(pile, func(c card) bool { return allowed(c) && free[c.part] <= now })
		if i < 0 {
			continue
		}
		strike := pile[i].play(random, now)
		free[pile[i].part] = now + strike.Lasting + pile[i].rest
		strikes = append(strikes, strike)
		pile = slices.Delete(pile, i, i+1)
	}
}

func (c card) play(random *rand.Rand, now time.Duration) Strike {
	strike := Strike{Start: now, Kind: c.kind, Target: c.target, Part: c.part}
	switch {
	case c.kind == Failpoint:
		strike.Lasting = between(random, failpointMin, failpointMax)
		strike.Hit = 1 + random.IntN(hitMax)
	case c.lasts:
		strike.Lasting = between(random, lastingMin, lastingMax)
	}
	return strike
}

// between is in whole milliseconds.
func between(random *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(random.Int64N(int64((most-least)/time.Millisecond)+1))*time.Millisecond
}
