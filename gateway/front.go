package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// front answers HTTP requests. All that can be refused without the service is
// refused here, in this order: framing, route, method, identity, too many calls,
// media type, size, query and path, JSON. What is left is a decoded message and a closed
// list of headers, which grpc-gateway's mux turns into the call.
type front struct {
	settings settings
	router   *router
	mux      http.Handler
	serving  *grpc.ClientConn
	health   *healthCheck
	metrics  *metrics
	log      *slog.Logger
	// calls are those under way; watchers are the streams and held answers, which only wait.
	calls, watchers places
	workers         *workers
	// streams ends with endStreams: a stop does not wait for what has no end of its own.
	streams    context.Context
	endStreams context.CancelFunc
}

// places are taken without waiting, so many at a time at most.
type places chan struct{}

func (p places) take() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p places) leave() { <-p }

// exchange is what is known about one request; it travels in the context.
type exchange struct {
	requestID string
	route     *route
	// held tells whether the answer waited for the order to settle.
	held bool
}

type exchangeKey struct{}

// statusClientClosedRequest marks calls whose client left; nobody reads it but
// the metrics.
const statusClientClosedRequest = 499

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

func newFront(s settings, link *link, m *metrics, log *slog.Logger) (*front, error) {
	f := &front{
		settings: s,
		router:   newRouter(slices.Concat(s.backend.routes, statusRoutes)),
		serving:  link.serving,
		health:   newHealthCheck(link, s.healthTimeout),
		metrics:  m,
		log:      log,
		calls:    make(places, s.callsMax),
		watchers: make(places, s.watchersMax),
		workers:  newWorkers(),
	}
	f.streams, f.endStreams = context.WithCancel(context.Background())
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, codec{}),
		runtime.WithIncomingHeaderMatcher(asMetadata),
		runtime.WithOutgoingHeaderMatcher(asHeader),
		runtime.WithOutgoingTrailerMatcher(asNothing),
		runtime.WithForwardResponseOption(announceCreation),
		runtime.WithErrorHandler(f.handleServiceError),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithWriteContentLength(),
	)
	if err := s.backend.register(context.Background(), mux, link.serving); err != nil {
		return nil, err
	}
	f.mux = mux
	return f, nil
}

func (f *front) ServeHTTP(writer http.ResponseWriter, r *http.Request) {
	start := time.Now()
	w := &response{ResponseWriter: writer}
	x := &exchange{requestID: requestIDOf(r.Header)}
	header := w.Header()
	header.Set(requestIDHeader, x.requestID)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")

	defer func() {
		if reason := recover(); reason != nil {
			f.log.Error("panic", "request_id", x.requestID, "reason", reason, "stack", string(debug.Stack()))
			if w.status != 0 {
				panic(http.ErrAbortHandler) // Half an answer is out: cut the connection.
			}
			internalProblem().write(w, x.requestID)
		}
		f.metrics.observe(x, w.status, time.Since(start))
	}()
	if p := f.serve(w, r, x); p != nil {
		p.write(w, x.requestID)
	}
}

// serve answers the request, or returns why it is refused.
func (f *front) serve(w http.ResponseWriter, r *http.Request, x *exchange) *problem {
	if p := checkFraming(r, f.settings.headerBytesMax, f.settings.uriBytesMax); p != nil {
		return p
	}
	found, id := f.router.find(r.URL.Path)
	if found == nil {
		return newProblem(http.StatusNotFound, "NOT_FOUND", "There is nothing at this path.")
	}
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", found.allow)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	x.route = found.forMethod(r.Method)
	if x.route == nil {
		return newProblem(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED",
			"This path allows "+found.allow+".").with("Allow", found.allow)
	}
	if x.route.rpc == "" {
		return f.serveStatus(w, r, x.route)
	}
	return f.serveCall(w, r, x, id)
}

// serveCall calls the service.
func (f *front) serveCall(w http.ResponseWriter, r *http.Request, x *exchange, id string) *problem {
	userID, p := identify(r.Header)
	if p != nil {
		return p
	}
	taken := f.calls
	if !taken.take() {
		return overloadedProblem()
	}
	defer func() { taken.leave() }()
	if x.route.keyed {
		if p := checkIdempotencyKey(r.Header); p != nil {
			return p
		}
	}
	message := x.route.request.ProtoReflect().New().Interface()
	if !x.route.isRead() {
		if p := readBody(r, f.settings.bodyBytesMax, message); p != nil {
			return p
		}
	}
	query, wait, p := cutWait(r.URL.RawQuery, x.route)
	if p != nil {
		return p
	}
	if p := checkQuery(query, x.route); p != nil {
		return p
	}
	if id != "" {
		if p := checkID(id); p != nil {
			return p
		}
	}
	if query != r.URL.RawQuery {
		target := *r.URL
		target.RawQuery = query
		r.URL = &target
	}
	ctx := context.WithValue(r.Context(), exchangeKey{}, x)
	if x.route.events || wait > 0 {
		if p := dropBody(r, f.settings.bodyBytesMax); p != nil {
			return p
		}
		if !f.watchers.take() {
			return overloadedProblem()
		}
		taken.leave()
		taken = f.watchers
		call := forwarded(ctx, r, userID, message)
		if x.route.events {
			return f.serveEvents(w, call, r.Method, id)
		}
		x.held = true
		return f.serveHeld(w, call, wait, id)
	}
	ctx, cancel := context.WithTimeout(ctx, f.settings.requestTimeout)
	defer cancel()
	call := forwarded(ctx, r, userID, message)
	f.workers.run(func() { f.mux.ServeHTTP(w, call) })
	return nil
}

// forwarded is the request as the mux sees it. Of the client's headers only the
// trace context is left, and the idempotency key where the route honours one;
// host and address are gone; HEAD has become GET.
func forwarded(ctx context.Context, r *http.Request, userID string, message proto.Message) *http.Request {
	x := exchangeOf(ctx)
	out := r.WithContext(ctx)
	out.Method = x.route.method
	out.Host, out.RemoteAddr = "", ""
	out.Body = decodedBody{message}
	out.Header = http.Header{userIDHeader: {userID}, requestIDHeader: {x.requestID}}
	if key := r.Header[idempotencyKeyHeader]; x.route.keyed && key != nil {
		out.Header[idempotencyKeyHeader] = key
	}
	forwardTrace(out.Header, r.Header)
	return out
}

// asMetadata is the closed list of headers that become call metadata, and the
// names under which they do. There is no fallback: Grpc-Metadata-* means nothing.
func asMetadata(header string) (string, bool) {
	switch header {
	case userIDHeader:
		return "x-user-id", true
	case requestIDHeader:
		return "x-request-id", true
	case idempotencyKeyHeader:
		return "idempotency-key", true
	case traceparentHeader:
		return "traceparent", true
	case tracestateHeader:
		return "tracestate", true
	}
	return "", false
}

// asHeader is the closed list of metadata that the client gets to see.
func asHeader(metadata string) (string, bool) {
	return replayedHeader, metadata == replayedMetadata
}

// asNothing keeps the service's trailers inside.
func asNothing(string) (string, bool) { return "", false }

func announceCreation(ctx context.Context, w http.ResponseWriter, reply proto.Message) error {
	route := exchangeOf(ctx).route
	if route.location != nil {
		w.Header().Set("Location", route.location(reply))
	}
	if route.success != http.StatusOK {
		w.WriteHeader(route.success)
	}
	return nil
}

func (f *front) handleServiceError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler,
	w http.ResponseWriter, r *http.Request, err error,
) {
	f.problemOf(r.Context(), err).write(w, exchangeOf(r.Context()).requestID)
}

// problemOf is why a call failed; ctx is the request's.
func (f *front) problemOf(ctx context.Context, err error) *problem {
	if errors.Is(ctx.Err(), context.Canceled) {
		return newProblem(statusClientClosedRequest, "CANCELLED", "The client closed the request.")
	}
	p := serviceProblem(err)
	if p.status == http.StatusInternalServerError {
		x := exchangeOf(ctx)
		f.log.Error("call failed", "request_id", x.requestID, "rpc", x.route.rpc, "error", err)
	}
	return p
}

// response remembers the status for the metrics.
type response struct {
	http.ResponseWriter
	// status is 0 until the header is written.
	status int
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(data)
}
