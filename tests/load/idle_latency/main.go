// Command idle_latency measures an idle system through its gateways: orders one by one at a
// fixed pace, each from the sending of the POST to the GET that shows it FINISHED.
//
//	go run ./tests/load/idle_latency
//
// Settings: ORDERS_URL, PAYMENTS_URL, and LATENCY_ORDERS, how many.
package main

import (
	"context"
	"fmt"
	"log"
	"slices"
	"time"

	"orderspayments/tests/support"
)

const (
	ordersDefault = 100
	orderInterval = 50 * time.Millisecond
	askInterval   = time.Millisecond
	settleTimeout = 10 * time.Second
	price         = 1
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	orders, err := support.PositiveSetting("LATENCY_ORDERS", ordersDefault)
	if err != nil {
		return err
	}
	// One more, not measured: it opens the connections.
	users, err := support.NewUsers(ctx, support.PaymentsURL, "latency", 1, int64(price*(orders+1)))
	if err != nil {
		return err
	}
	if _, _, _, err := measure(ctx, users[0]); err != nil {
		return err
	}
	var posts, gets, finishes []time.Duration
	pace := time.NewTicker(orderInterval)
	defer pace.Stop()
	for range orders {
		<-pace.C
		post, get, finish, err := measure(ctx, users[0])
		if err != nil {
			return err
		}
		posts, gets, finishes = append(posts, post), append(gets, get), append(finishes, finish)
	}
	fmt.Printf("%d orders, one each %v, in ms   p50     p90     p99     max\n", orders, orderInterval)
	report("POST sent to FINISHED seen", finishes)
	report("POST alone", posts)
	report("GET of a settled order", gets)
	return nil
}

// measure takes one order to its end, then reads it once more.
func measure(ctx context.Context, user string) (post, get, finish time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	start := time.Now()
	order, err := support.PostOrder(ctx, support.OrdersURL, user, price)
	post = time.Since(start)
	ask := time.NewTicker(askInterval)
	defer ask.Stop()
	for err == nil && order.Status == "NEW" {
		<-ask.C
		order, err = support.GetOrder(ctx, support.OrdersURL, user, order.ID)
	}
	finish = time.Since(start)
	if err == nil && order.Status != "FINISHED" {
		err = fmt.Errorf("order %s is %s", order.ID, order.Status)
	}
	if err != nil {
		return 0, 0, 0, err
	}
	start = time.Now()
	_, err = support.GetOrder(ctx, support.OrdersURL, user, order.ID)
	return post, time.Since(start), finish, err
}

func report(what string, samples []time.Duration) {
	slices.Sort(samples)
	at := func(percent int) float64 {
		return float64(samples[(len(samples)*percent+99)/100-1]) / float64(time.Millisecond)
	}
	fmt.Printf("%-30s %7.2f %7.2f %7.2f %7.2f\n", what, at(50), at(90), at(99), at(100))
}
