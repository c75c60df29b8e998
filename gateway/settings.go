package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"
)

// settings are all knobs of the gateway, read once from the environment.
type settings struct {
	backend       *backend
	httpListen    string
	metricsListen string
	// grpcTargets are the copies of the service: host:port or unix:/absolute/path
	// each, copiesMax at most.
	grpcTargets []string
	logLevel    slog.Level

	// requestTimeout is the deadline of every call to the service.
	requestTimeout time.Duration
	// healthTimeout bounds the answer of /health.
	healthTimeout time.Duration
	// headerReadTimeout and readTimeout bound how slowly a client may send its
	// header, and header and body together.
	headerReadTimeout time.Duration
	readTimeout       time.Duration
	// writeTimeout runs from the end of the header to the end of the answer; in a stream
	// of events, for each one.
	writeTimeout time.Duration
	// watchTimeout is how long a stream of events lasts at most; the service's own limit
	// may be shorter.
	watchTimeout time.Duration
	// heartbeat is how often a stream shows that it lives: more often than what is in
	// between gives up a silent connection.
	heartbeat time.Duration
	// idleTimeout is how long an unused connection is kept; a proxy in front
	// should give its idle connections up sooner.
	idleTimeout time.Duration
	// shutdownTimeout is how long a stop waits for requests under way.
	shutdownTimeout time.Duration

	// connectionsMax is how many connections of clients there are at most; a
	// further one waits in the kernel until another ends.
	connectionsMax int
	// callsMax is how many calls to the service are under way at most; a further
	// one is OVERLOADED.
	callsMax int
	// watchersMax is how many streams of events and held answers there are at most, which
	// are no calls under way; a further one is OVERLOADED.
	watchersMax int

	bodyBytesMax   int
	headerBytesMax int
	uriBytesMax    int
}

// loadSettings names every bad value at once; the caller does not start then.
func loadSettings(getenv func(string) string) (settings, error) {
	env := environment{get: getenv}
	s := settings{backend: env.backend("BACKEND")}
	if s.backend == nil {
		return s, env.err()
	}
	s.httpListen = env.address("HTTP_LISTEN", s.backend.httpListen)
	s.metricsListen = env.address("METRICS_LISTEN", s.backend.metricsListen)
	s.grpcTargets = env.targets("GRPC_TARGET", s.backend.grpcTarget)
	s.logLevel = env.level("LOG_LEVEL", slog.LevelInfo)

	s.requestTimeout = env.duration("REQUEST_TIMEOUT", 10*time.Second, 10*time.Millisecond, time.Minute)
	s.healthTimeout = env.duration("HEALTH_TIMEOUT", 2*time.Second, 10*time.Millisecond, 10*time.Second)
	s.headerReadTimeout = env.duration("HEADER_READ_TIMEOUT", 5*time.Second, 100*time.Millisecond, time.Minute)
	s.readTimeout = env.duration("READ_TIMEOUT", 10*time.Second, 100*time.Millisecond, time.Minute)
	s.writeTimeout = env.duration("WRITE_TIMEOUT", 30*time.Second, time.Second, 5*time.Minute)
	s.watchTimeout = env.duration("WATCH_TIMEOUT", 5*time.Minute, 100*time.Millisecond, time.Hour)
	s.heartbeat = env.duration("HEARTBEAT", 15*time.Second, 10*time.Millisecond, time.Minute)
	s.idleTimeout = env.duration("IDLE_TIMEOUT", 2*time.Minute, time.Second, time.Hour)
	s.shutdownTimeout = env.duration("SHUTDOWN_TIMEOUT", 10*time.Second, 100*time.Millisecond, time.Minute)

	if s.writeTimeout <= s.readTimeout+s.requestTimeout {
		env.refuse("WRITE_TIMEOUT", s.writeTimeout.String(), "above READ_TIMEOUT and REQUEST_TIMEOUT together, or answers are cut off")
	}

	s.connectionsMax = env.integer("CONNECTIONS_MAX", 10_000, 1, 1_000_000)
	s.callsMax = env.integer("CALLS_MAX", 2048, 1, 1_000_000)
	s.watchersMax = env.integer("WATCHERS_MAX", 1000, 1, 1_000_000)
	s.bodyBytesMax = env.integer("BODY_BYTES_MAX", 64<<10, 1<<10, 1<<20)
	s.headerBytesMax = env.integer("HEADER_BYTES_MAX", 16<<10, 1<<10, 1<<20)
	s.uriBytesMax = env.integer("URI_BYTES_MAX", 8<<10, 256, 64<<10)
	return s, env.err()
}

// environment reads typed values and collects what is wrong with them.
type environment struct {
	get  func(string) string
	errs []error
}

func (e *environment) err() error { return errors.Join(e.errs...) }

func (e *environment) refuse(name, value, want string) {
	e.errs = append(e.errs, fmt.Errorf("%s=%q: must be %s", name, value, want))
}

func (e *environment) backend(name string) *backend {
	value := e.get(name)
	b := backends[value]
	if b == nil {
		e.refuse(name, value, "orders or payments")
	}
	return b
}

func (e *environment) address(name, fallback string) string {
	value := e.get(name)
	if value == "" {
		return fallback
	}
	if !isAddress(value) {
		e.refuse(name, value, "host:port")
	}
	return value
}

func isAddress(value string) bool {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	return err == nil
}

// copiesMax are the copies of a service that one gateway spreads its calls over.
const copiesMax = 64

func (e *environment) targets(name, fallback string) []string {
	value := e.get(name)
	if value == "" {
		return []string{fallback}
	}
	targets := strings.Split(value, ",")
	if len(targets) > copiesMax {
		e.refuse(name, value, fmt.Sprintf("at most %d addresses", copiesMax))
	}
	for _, target := range targets {
		path, isUnix := strings.CutPrefix(target, "unix:")
		if isUnix && !strings.HasPrefix(path, "/") || !isUnix && !isAddress(target) {
			e.refuse(name, value, "host:port or unix:/absolute/path, or several separated by commas")
			break
		}
	}
	return targets
}

func (e *environment) level(name string, fallback slog.Level) slog.Level {
	// The services' words.
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warning": slog.LevelWarn, "error": slog.LevelError,
	}
	value := e.get(name)
	if value == "" {
		return fallback
	}
	level, ok := levels[value]
	if !ok {
		e.refuse(name, value, "debug, info, warning or error")
	}
	return level
}

func (e *environment) duration(name string, fallback, least, most time.Duration) time.Duration {
	value := e.get(name)
	if value == "" {
		return fallback
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		e.refuse(name, value, fmt.Sprintf("a duration from %v to %v", least, most))
	}
	return d
}

func (e *environment) integer(name string, fallback, least, most int) int {
	value := e.get(name)
	if value == "" {
		return fallback
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		e.refuse(name, value, fmt.Sprintf("an integer from %d to %d", least, most))
	}
	return n
}
