package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// pace is how long each part of a run takes.
type pace struct {
	name                                string
	rounds                              int
	yardstick, burst, read, trial, idle time.Duration
	latencyOrders                       int
}

var (
	fullPace = pace{
		name: "full", rounds: 3, yardstick: 15 * time.Second, burst: 15 * time.Second, read: 15 * time.Second,
		trial: 60 * time.Second, idle: 60 * time.Second, latencyOrders: 200,
	}
	// quickPace is for a first look.
	quickPace = pace{
		name: "quick", rounds: 1, yardstick: 15 * time.Second, burst: 15 * time.Second, read: 15 * time.Second,
		trial: 15 * time.Second, idle: 15 * time.Second, latencyOrders: 100,
	}
)

const (
	// userCount and connections are those of the closed loops; open loops have the users.
	userCount   = 50
	connections = 32
	price       = 1
	// userMoney is enough for every order of a run: none is to be declined.
	userMoney = 1_000_000_000

	yardstickClients = 16

	// orderInterval is the pace of what is measured one by one.
	orderInterval = 50 * time.Millisecond
	askInterval   = time.Millisecond
	settleTimeout = 10 * time.Second

	// readOrders is how many of a user's orders are read in turn.
	readOrders = 200

	// trialsMax is how many rates a round tries; rates are tenths of the yardstick's.
	trialsMax     = 3
	firstTenths   = 6
	ageMax        = time.Second // p99 of the age of NEW orders at a rate that holds
	rateKeptLeast = 0.99        // of the rate that the generator was asked for

	// drainTimeout is from the end of a load to the end of its last order.
	drainTimeout = 5 * time.Minute
	// startTimeout is for a stopped service to serve again.
	startTimeout = 30 * time.Second
	auditTimeout = 5 * time.Minute
)

// cut shortens every step to the limit: to try the program, for its figures then mean nothing.
func (p pace) cut(limit time.Duration) pace {
	for _, step := range []*time.Duration{&p.yardstick, &p.burst, &p.read, &p.trial, &p.idle} {
		*step = min(*step, limit)
	}
	p.name = fmt.Sprintf("%s, each step cut to %v: the figures mean nothing", p.name, limit)
	p.latencyOrders = min(p.latencyOrders, int(limit/orderInterval))
	return p
}

// settings are the run's own; where the system is, package support knows.
type settings struct {
	pace
	row               int // 0 for all
	dir               string
	localDir          string
	vegeta            string
	commit            string
	superuserPassword string // of Postgres
	amqpURL           string
}

func settingsOf(getenv func(string) string) (settings, error) {
	s := settings{
		pace: fullPace, dir: getenv("BENCH_DIR"), localDir: getenv("LOCAL_DIR"), vegeta: getenv("VEGETA"),
		commit: getenv("COMMIT"), superuserPassword: getenv("POSTGRES_PASSWORD"), amqpURL: getenv("AMQP_ADMIN_URL"),
	}
	for name, value := range map[string]string{
		"BENCH_DIR": s.dir, "LOCAL_DIR": s.localDir, "VEGETA": s.vegeta, "POSTGRES_PASSWORD": s.superuserPassword, "AMQP_ADMIN_URL": s.amqpURL,
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
