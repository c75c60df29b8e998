package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"
)

// netHTTPHeaderBytesMax is where net/http itself cuts a header off with a
// plain-text 431: well above headerBytesMax, so that such a header is refused
// in the API's own form.
func netHTTPHeaderBytesMax(s settings) int { return 2*s.headerBytesMax + s.uriBytesMax }

// run serves until ctx ends, then lets requests under way finish for at most
// shutdownTimeout.
func run(ctx context.Context, s settings, log *slog.Logger) error {
	link, err := dial(s.grpcTargets, s.backend.routes)
	if err != nil {
		return fmt.Errorf("GRPC_TARGET: %w", err)
	}
	defer link.Close()

	m := newMetrics()
	api, err := newFront(s, link, m, log)
	if err != nil {
		return err
	}
	apiListener, err := net.Listen("tcp", s.httpListen)
	if err != nil {
		return err
	}
	metricsListener, err := net.Listen("tcp", s.metricsListen)
	if err != nil {
		return errors.Join(err, apiListener.Close())
	}

	apiListener = netutil.LimitListener(apiListener, s.connectionsMax)

	server := newServer(s, api, log)
	server.RegisterOnShutdown(api.endStreams)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serve(ctx, server, apiListener, s) })
	group.Go(func() error { return serve(ctx, newServer(s, m.handler(), log), metricsListener, s) })
	group.Go(func() error { logLinkChanges(ctx, link.serving, log); return nil })
	log.Info("serving", "http", s.httpListen, "metrics", s.metricsListen, "service", s.grpcTargets)
	return group.Wait()
}

func newServer(s settings, handler http.Handler, log *slog.Logger) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler:           handler,
		Protocols:         protocols,
		ReadHeaderTimeout: s.headerReadTimeout,
		ReadTimeout:       s.readTimeout,
		WriteTimeout:      s.writeTimeout,
		IdleTimeout:       s.idleTimeout,
		MaxHeaderBytes:    netHTTPHeaderBytesMax(s),
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// serve returns when ctx has ended and the last request is answered, or cut
// off by the deadline.
func serve(ctx context.Context, server *http.Server, listener net.Listener, s settings) error {
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.shutdownTimeout)
		defer cancel()
		stopped <- server.Shutdown(deadline)
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
