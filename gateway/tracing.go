package main

import (
	"crypto/rand"
	"net/http"
	"regexp"
)

const (
	requestIDHeader   = "X-Request-Id"
	traceparentHeader = "Traceparent"
	tracestateHeader  = "Tracestate"
	// tracestateLengthMax is what W3C Trace Context asks everyone to carry.
	tracestateLengthMax = 512
)

var (
	requestIDPattern   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	traceparentPattern = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)
)

// requestIDOf takes over the client's id of the request if it gave a sane one.
func requestIDOf(header http.Header) string {
	if values := header[requestIDHeader]; len(values) == 1 && requestIDPattern.MatchString(values[0]) {
		return values[0]
	}
	return rand.Text()
}

// forwardTrace copies a well-formed trace context and drops any other.
func forwardTrace(to, from http.Header) {
	parent, state := from[traceparentHeader], from[tracestateHeader]
	if len(parent) != 1 || !traceparentPattern.MatchString(parent[0]) {
		return
	}
	to[traceparentHeader] = parent
	if len(state) == 1 && len(state[0]) <= tracestateLengthMax && isPrintableASCII(state[0]) {
		to[tracestateHeader] = state
	}
}

func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
