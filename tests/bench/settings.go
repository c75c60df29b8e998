package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// pace is how long each part of a run takes.
type pace struct {
	name   string
	rounds int
	// probe is a trial of the search for row 2's rate, trial the one that confirms it, repeat
	// another at that rate.
	yardstick, burst, read, probe, trial, repeat    time.Duration
	idle, half, snapshot, paymentsAway, killed, ask time.Duration
	// latencyParts is how often each part of an order's latency is measured.
	latencyOrders, latencyParts int
	grownOrders, grownAccounts  int
}

var (
	fullPace = pace{
		name: "full", rounds: 3,
		yardstick: 15 * time.Second, burst: 15 * time.Second, read: 15 * time.Second,
		probe: 15 * time.Second, trial: 60 * time.Second, repeat: 30 * time.Second,
		idle: 60 * time.Second, half: 60 * time.Second, snapshot: 120 * time.Second, paymentsAway: 180 * time.Second,
		killed: 20 * time.Second, ask: 5 * time.Second,
		latencyOrders: 200, latencyParts: 100, grownOrders: 5_000_000, grownAccounts: 1_000_000,
	}
	// quickPace is for a first look.
	quickPace = pace{
		name: "quick", rounds: 1,
		yardstick: 15 * time.Second, burst: 15 * time.Second, read: 15 * time.Second,
		probe: 10 * time.Second, trial: 15 * time.Second, repeat: 15 * time.Second,
		idle: 15 * time.Second, half: 15 * time.Second, snapshot: 15 * time.Second, paymentsAway: 15 * time.Second,
		killed: 15 * time.Second, ask: 5 * time.Second,
		latencyOrders: 100, latencyParts: 100, grownOrders: 200_000, grownAccounts: 50_000,
	}
)

const (
	// userCount and connections are those of the closed loops; open loops have the users.
	userCount   = 50
	connections = 32
	price       = 1

	// unansweredMax is for how long of an open loop's rate orders may be unanswered before it is
	// no longer kept: there are connections for so many. More would cost the generator more.
	unansweredMax = 250 * time.Millisecond

	grpcConnections = 4
	grpcStreams     = 16 // of each connection

	// userMoney is enough for every order of a run: none is to be declined.
	userMoney = 1_000_000_000

	yardstickClients = 16

	// orderInterval is the pace of what is measured one by one.
	orderInterval = 50 * time.Millisecond
	settleTimeout = 10 * time.Second

	// readOrders is how many of a user's orders are read in turn.
	readOrders = 200

	// Rates are whole steps, yardstickSteps of which are the yardstick's rate: so many are probed
	// in the first round, and confirmed in each. A confirmation takes a minute, so it goes down
	// by more than one.
	yardstickSteps   = 40
	probesMax        = 5
	confirmationsMax = 2
	confirmationStep = 2
	firstSteps       = 24
	ageMax           = time.Second // p99 of the age of NEW orders at a rate that holds
	rateKeptLeast    = 0.99        // of the rate that the generator was asked for

	// A minute in which the disk itself is slow says nothing of row 6.
	syncInterval = 4 * time.Millisecond
	syncP99Max   = 5 * time.Millisecond

	// lagInterval is how often the oldest NEW order is looked at after a kill, lagMax what it may
	// be once all is well again.
	lagInterval = 20 * time.Millisecond
	lagMax      = time.Second

	// Of the loaded accounts one in busyOneIn makes half of the orders.
	busyOneIn  = 100
	grownMoney = 1_000_000
	grownAge   = 24 * time.Hour // of the youngest loaded order
	// grownUsers are those of the loaded whose orders are made and read; half of them busy.
	grownUsers = 1000
	// readUsers are those of whom a page and its orders are read, at a rate that is easy.
	readUsers      = 50
	pageOrders     = 50
	readsPerSecond = 200
	// batchRows is how many rows a hot statement is explained for.
	batchRows = 50

	// drainTimeout is from the end of a load to the end of its last order.
	drainTimeout = 5 * time.Minute
	// startTimeout is for a stopped service to serve again.
	startTimeout = 30 * time.Second
	auditTimeout = 5 * time.Minute
)

// What is loaded when steps are cut.
const (
	cutOrders   = 20_000
	cutAccounts = 5_000
)

// cut shortens every step to the limit: to try the program, for its figures then mean nothing.
func (p pace) cut(limit time.Duration) pace {
	for _, step := range []*time.Duration{
		&p.yardstick, &p.burst, &p.read, &p.probe, &p.trial, &p.repeat, &p.idle, &p.half, &p.snapshot, &p.paymentsAway, &p.killed, &p.ask,
	} {
		*step = min(*step, limit)
	}
	p.name = fmt.Sprintf("%s, each step cut to %v: the figures mean nothing", p.name, limit)
	p.latencyOrders = min(p.latencyOrders, int(limit/orderInterval))
	p.latencyParts = min(p.latencyParts, p.latencyOrders)
	p.grownOrders, p.grownAccounts = min(p.grownOrders, cutOrders), min(p.grownAccounts, cutAccounts)
	return p
}

// settings are the run's own; where the system is, package support knows.
type settings struct {
	pace
	row               int // 0 for all
	dir               string
	localDir          string
	vegetaProgram     string
	ordersGRPC        string
	ordersMetrics     string // its address
	commit            string
	superuserPassword string // of Postgres
	amqpURL           string
}

func settingsOf(getenv func(string) string) (settings, error) {
	s := settings{
		pace: fullPace, dir: getenv("BENCH_DIR"), localDir: getenv("LOCAL_DIR"), vegetaProgram: getenv("VEGETA"), ordersGRPC: getenv("ORDERS_GRPC"),
		ordersMetrics: "127.0.0.1:" + getenv("ORDERS_METRICS_PORT"),
		commit:        getenv("COMMIT"), superuserPassword: getenv("POSTGRES_PASSWORD"), amqpURL: getenv("AMQP_ADMIN_URL"),
	}
	for name, value := range map[string]string{
		"BENCH_DIR": s.dir, "LOCAL_DIR": s.localDir, "VEGETA": s.vegetaProgram, "ORDERS_GRPC": s.ordersGRPC,
		"ORDERS_METRICS_PORT": getenv("ORDERS_METRICS_PORT"), "POSTGRES_PASSWORD": s.superuserPassword, "AMQP_ADMIN_URL": s.amqpURL,
	} {
		if value == "" {
			return settings{}, fmt.Errorf("%s is not set: tests/bench/run.sh sets it", name)
		}
	}
	if getenv("QUICK") == "1" {
		s.pace = quickPace
	}
	if text := getenv("STEP"); text != "" {
		limit, err := time.ParseDuration(text)
		if err != nil || limit < time.Second {
			return settings{}, fmt.Errorf("STEP must be a duration of at least 1s, not %q", text)
		}
		s.pace = s.cut(limit)
	}
	if text := getenv("ROW"); text != "" {
		row, err := strconv.Atoi(text)
		if rows := measuredRows(); err != nil || !slices.Contains(rows, row) {
			return settings{}, fmt.Errorf("ROW must be one of %v, not %q", rows, text)
		}
		s.row = row
	}
	return s, nil
}
