package main

import (
	"fmt"
	"net/http"
)

// checkFraming refuses an overlong header or request target. What exceeds
// net/http's own, larger limit never gets here.
func checkFraming(r *http.Request, headerBytesMax, uriBytesMax int) *problem {
	headerBytes := 0
	for name, values := range r.Header {
		for _, value := range values {
			headerBytes += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	if headerBytes > headerBytesMax {
		return newProblem(http.StatusRequestHeaderFieldsTooLarge, "REQUEST_HEADER_FIELDS_TOO_LARGE",
			fmt.Sprintf("The header fields may take %d bytes.", headerBytesMax))
	}
	if len(r.RequestURI) > uriBytesMax {
		return newProblem(http.StatusRequestURITooLong, "URI_TOO_LONG",
			fmt.Sprintf("The request target may take %d bytes.", uriBytesMax))
	}
	return nil
}
