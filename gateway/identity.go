package main

import "net/http"

const (
	userIDHeader      = "X-User-Id"
	userIDLengthMax   = 64
	userIDChallenge   = "UserId"
	userIDDescription = "must be one value of 1 to 64 characters: letters, digits and . _ @ : -, the first a letter or digit"
)

// identify returns the caller: the value of exactly one X-User-Id header. No
// other header, parameter or cookie can name a user.
func identify(header http.Header) (userID string, p *problem) {
	values := header[userIDHeader]
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", newProblem(http.StatusUnauthorized, "MISSING_USER_ID", "The header X-User-Id is required.").
			with("WWW-Authenticate", userIDChallenge)
	case len(values) > 1 || !isUserID(values[0]):
		return "", fieldProblem("INVALID_USER_ID", userIDHeader, userIDDescription)
	}
	return values[0], nil
}

// isUserID tells whether s matches [A-Za-z0-9][A-Za-z0-9._@:-]{0,63}.
func isUserID(s string) bool {
	if s == "" || len(s) > userIDLengthMax || !isLetterOrDigit(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case isLetterOrDigit(c), c == '.', c == '_', c == '@', c == ':', c == '-':
		default:
			return false
		}
	}
	return true
}

func isLetterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
