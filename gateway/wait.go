package main

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	ordersv1 "orderspayments/gen/orders/v1"
)

const (
	waitParameter = "wait"
	waitMax       = 30 * time.Second
	// copiesAskedMax is how many copies of the service, one after the other, may tell one held
	// answer; each is asked when the one before has gone away.
	copiesAskedMax = 4
)

// cutWait takes the parameter wait, which is no field of the call, out of a route's query.
func cutWait(rawQuery string, route *route) (rest string, wait time.Duration, p *problem) {
	if !route.waits || !strings.Contains(rawQuery, waitParameter) {
		return rawQuery, 0, nil
	}
	query, err := url.ParseQuery(rawQuery)
	values := query[waitParameter]
	if err != nil || values == nil {
		return rawQuery, 0, nil // checkQuery says what is wrong.
	}
	wait, err = time.ParseDuration(values[0])
	if len(values) != 1 || err != nil || !isDigit(values[0][0]) || wait > waitMax {
		return "", 0, fieldProblem("INVALID_WAIT", waitParameter, "must be one duration up to "+waitMax.String()+", such as 5s")
	}
	query.Del(waitParameter)
	return query.Encode(), wait, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// serveHeld answers with the order once it has settled, or as it is when wait is over. Where the
// copy that told it goes away, another is asked; without one it is answered as it is.
func (f *front) serveHeld(w http.ResponseWriter, r *http.Request, wait time.Duration, id string) *problem {
	over := time.NewTimer(wait)
	defer over.Stop()
	ctx, cancel := f.streamContext(r.Context(), f.settings.requestTimeout+wait)
	defer cancel()
	connection := http.NewResponseController(w)
	if err := connection.SetReadDeadline(time.Time{}); err != nil {
		return internalProblem()
	}
	changes, err := f.watch(ctx, cancel, r.Header, id)
	if err != nil {
		return f.problemOf(r.Context(), err)
	}
	order := <-changes
	copies := 1
	for waiting := true; waiting && order.GetStatus() == ordersv1.Order_NEW; {
		select {
		case change, more := <-changes:
			switch {
			case more:
				order = change
			case copies < copiesAskedMax:
				copies++
				changes, err = f.watch(ctx, cancel, r.Header, id)
				waiting = err == nil
			default:
				waiting = false
			}
		case <-over.C:
			waiting = false
		}
	}
	if err := connection.SetWriteDeadline(time.Now().Add(f.settings.writeTimeout)); err != nil {
		return internalProblem()
	}
	body, err := codec{}.Marshal(order)
	if err != nil {
		return f.problemOf(r.Context(), err)
	}
	w.Header().Set("Content-Type", codec{}.ContentType(order))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	// A failure here is a client that left; there is nobody to tell.
	_, _ = w.Write(body)
	return nil
}
