package main

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"google.golang.org/protobuf/proto"
)

// readBody decodes the request's JSON body into message. No body at all leaves
// message empty: which fields are required is the service's to say.
func readBody(r *http.Request, bytesMax int, message proto.Message) *problem {
	if r.ContentLength == 0 {
		return nil
	}
	// A body that says that it is too long is not read.
	tooLong := r.ContentLength > int64(bytesMax)
	var data []byte
	if !tooLong {
		var err error
		data, err = io.ReadAll(io.LimitReader(r.Body, int64(bytesMax)+1))
		if err != nil {
			return bodyReadProblem(err)
		}
		if len(data) == 0 {
			return nil
		}
		tooLong = len(data) > bytesMax
	}
	if p := checkMediaType(r.Header); p != nil {
		return p
	}
	if tooLong {
		return bodyTooLongProblem(bytesMax)
	}
	return decodeJSON(data, message)
}

// dropBody reads to its end what a request should not have, while the limit on how slowly it may
// come still holds: net/http would do so later, without one.
func dropBody(r *http.Request, bytesMax int) *problem {
	dropped, err := io.Copy(io.Discard, io.LimitReader(r.Body, int64(bytesMax)+1))
	switch {
	case err != nil:
		return bodyReadProblem(err)
	case dropped > int64(bytesMax):
		return bodyTooLongProblem(bytesMax)
	}
	return nil
}

func bodyTooLongProblem(bytesMax int) *problem {
	return newProblem(http.StatusRequestEntityTooLarge, "CONTENT_TOO_LARGE",
		fmt.Sprintf("A body may take %d bytes.", bytesMax)).with("Connection", "close")
}

func bodyReadProblem(err error) *problem {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return newProblem(http.StatusRequestTimeout, "REQUEST_TIMEOUT", "The body came too slowly.").
			with("Connection", "close")
	}
	return newProblem(http.StatusBadRequest, "MALFORMED_BODY", "The body is not well framed or not complete.").
		with("Connection", "close")
}

// checkMediaType demands application/json in UTF-8, not encoded any further.
func checkMediaType(header http.Header) *problem {
	for _, encoding := range header["Content-Encoding"] {
		if !strings.EqualFold(encoding, "identity") {
			return newProblem(http.StatusUnsupportedMediaType, "UNSUPPORTED_CONTENT_ENCODING",
				"The body must not be encoded.").with("Accept-Encoding", "identity")
		}
	}
	if values := header["Content-Type"]; len(values) == 1 {
		mediaType, parameters, err := mime.ParseMediaType(values[0])
		charset, given := parameters["charset"]
		if err == nil && mediaType == "application/json" && (!given || strings.EqualFold(charset, "utf-8")) {
			return nil
		}
	}
	return newProblem(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
		"The body must be application/json in UTF-8.").with("Accept", "application/json")
}
