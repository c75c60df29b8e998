package main

import "net/http"

const (
	idempotencyKeyHeader      = "Idempotency-Key"
	idempotencyKeyLengthMax   = 255
	idempotencyKeyDescription = "must be one value of 1 to 255 visible ASCII characters"

	// replayedMetadata is how the service says that it gives an earlier answer again, and
	// replayedHeader how the client is told.
	replayedMetadata = "idempotent-replayed"
	replayedHeader   = "Idempotent-Replayed"
)

// checkIdempotencyKey refuses what the service would refuse, or would not get to see: a
// key that is dropped on the way is none, and the call would be done again.
func checkIdempotencyKey(header http.Header) *problem {
	values := header[idempotencyKeyHeader]
	if len(values) == 0 || len(values) == 1 && isIdempotencyKey(values[0]) {
		return nil
	}
	return fieldProblem("INVALID_IDEMPOTENCY_KEY", idempotencyKeyHeader, idempotencyKeyDescription)
}

// isIdempotencyKey tells whether s is 1 to 255 visible ASCII characters, with or without
// quotes around them.
func isIdempotencyKey(s string) bool {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if s == "" || len(s) > idempotencyKeyLengthMax {
		return false
	}
	for i := range len(s) {
		if s[i] < '!' || s[i] > '~' {
			return false
		}
	}
	return true
}
