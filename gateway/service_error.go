package main

import (
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// httpStatuses is what each gRPC code that the services use means over HTTP.
var httpStatuses = map[codes.Code]int{
	codes.InvalidArgument:    http.StatusBadRequest,
	codes.Unauthenticated:    http.StatusUnauthorized,
	codes.NotFound:           http.StatusNotFound,
	codes.AlreadyExists:      http.StatusConflict,
	codes.Aborted:            http.StatusConflict,
	codes.FailedPrecondition: http.StatusUnprocessableEntity,
	codes.ResourceExhausted:  http.StatusServiceUnavailable,
	codes.Unavailable:        http.StatusServiceUnavailable,
	codes.DeadlineExceeded:   http.StatusGatewayTimeout,
	codes.Canceled:           http.StatusServiceUnavailable,
}

// serviceProblem translates a failed call. The service's own words are passed
// on only with an ErrorInfo, which marks them as written for clients; those of
// the transport, which name addresses, never are.
func serviceProblem(err error) *problem {
	st := status.Convert(err)
	httpStatus, known := httpStatuses[st.Code()]
	if !known {
		return internalProblem()
	}
	p := transportProblem(httpStatus)
	for _, detail := range st.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			p.status, p.code, p.detail = httpStatus, detail.GetReason(), st.Message()
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				p.errors = append(p.errors, fieldError{violation.GetField(), violation.GetDescription()})
			}
		}
	}
	switch st.Code() {
	case codes.Unavailable, codes.ResourceExhausted, codes.Canceled, codes.Aborted:
		p.with("Retry-After", retryAfterSeconds)
	case codes.Unauthenticated:
		p.with("WWW-Authenticate", userIDChallenge)
	}
	return p
}

// transportProblem speaks for a failure that the service did not explain.
func transportProblem(httpStatus int) *problem {
	switch httpStatus {
	case http.StatusServiceUnavailable:
		return newProblem(httpStatus, "UNAVAILABLE", "The service is away. Try again soon.")
	case http.StatusGatewayTimeout:
		return newProblem(httpStatus, "DEADLINE_EXCEEDED", "The service did not answer in time. What was asked may have been done.")
	default:
		return internalProblem()
	}
}

// overloadedProblem says what a service with a full queue says.
func overloadedProblem() *problem {
	return newProblem(http.StatusServiceUnavailable, "OVERLOADED", "Too many requests are waiting. Try again soon.").
		with("Retry-After", retryAfterSeconds)
}

func internalProblem() *problem {
	return newProblem(http.StatusInternalServerError, "INTERNAL", "Something went wrong on our side.")
}
