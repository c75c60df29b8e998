package main

import (
	"encoding/json"
	"net/http"
	"strings"
)

// problem is an error answer (RFC 9457). Its texts are ours: nothing of a
// driver, a host or another user gets into one.
type problem struct {
	status int
	// code is the reason in UPPER_SNAKE; type and title are derived from it.
	code   string
	detail string
	errors []fieldError
	// header holds what the status obliges to say: Allow, Retry-After, ...
	header map[string]string
}

type fieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// retryAfterSeconds is what a client is asked to wait when something is away or at work.
const retryAfterSeconds = "1"

func newProblem(status int, code, detail string) *problem {
	return &problem{status: status, code: code, detail: detail}
}

func fieldProblem(code, field, message string) *problem {
	return &problem{
		status: http.StatusBadRequest, code: code, detail: field + ": " + message,
		errors: []fieldError{{Field: field, Message: message}},
	}
}

func (p *problem) with(header, value string) *problem {
	if p.header == nil {
		p.header = map[string]string{}
	}
	p.header[header] = value
	return p
}

// slug is the code as the last part of a URN: lower-kebab.
func slug(code string) string {
	return strings.ReplaceAll(strings.ToLower(code), "_", "-")
}

// title is the code as a sentence: "Order not found".
func title(code string) string {
	words := strings.ReplaceAll(strings.ToLower(code), "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

func (p *problem) write(w http.ResponseWriter, requestID string) {
	body, err := json.Marshal(struct {
		Type      string       `json:"type"`
		Title     string       `json:"title"`
		Status    int          `json:"status"`
		Detail    string       `json:"detail"`
		Code      string       `json:"code"`
		RequestID string       `json:"request_id"`
		Errors    []fieldError `json:"errors,omitempty"`
	}{"urn:problem:" + slug(p.code), title(p.code), p.status, p.detail, p.code, requestID, p.errors})
	if err != nil {
		panic(err) // Strings and an integer always marshal.
	}
	for header, value := range p.header {
		w.Header().Set(header, value)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.status)
	// A failure here is a client that left; there is nobody to tell.
	_, _ = w.Write(body)
}
