// Gateway is the REST face of one service: HTTP/JSON to gRPC and nothing else.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	leaveCores(os.Getenv)
	s, err := loadSettings(os.Getenv)
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: s.logLevel}))
	if err != nil {
		log.Error("bad settings", "error", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, s, log); err != nil {
		log.Error("stopped", "error", err)
		os.Exit(1)
	}
	log.Info("stopped")
}

// leaveCores takes half of the cores that the machine, or a container's limit, gives, unless GOMAXPROCS
// says how many: service, database and broker have the others, and a call that wakes fewer threads
// costs less.
func leaveCores(getenv func(string) string) {
	if getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
	}
}
