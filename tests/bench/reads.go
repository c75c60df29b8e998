package main

import (
	"context"
	"fmt"
	"time"

	"orderspayments/tests/bench/generator"
	"orderspayments/tests/bench/report"
	"orderspayments/tests/support"
)

// Ends of a figure's name.
const (
	p50 = "_p50_ms"
	p95 = "_p95_ms"
)

// reads are what GETs of orders by their ids took, and those of the newest page.
type reads struct{ get, list generator.Attack }

func (r reads) String() string {
	return fmt.Sprintf("GET p50 %v p95 %v, first page p50 %v p95 %v", r.get.P50, r.get.P95, r.list.P50, r.list.P95)
}

func (r reads) report(figures report.Figures, get, list string) {
	figures[get+p50], figures[get+p95] = milliseconds(r.get.P50), milliseconds(r.get.P95)
	figures[list+p50], figures[list+p95] = milliseconds(r.list.P50), milliseconds(r.list.P95)
}

// readWhileEmpty is what row 8 compares its reads with: users with a page of orders each, and
// next to nobody else.
func (b *bench) readWhileEmpty(ctx context.Context, _ report.Figures) error {
	users := b.users[:readUsers]
	for _, user := range users {
		for range pageOrders {
			if _, err := support.PostOrder(ctx, support.OrdersURL, user, price); err != nil {
				return err
			}
		}
	}
	err := b.rest(ctx)
	if err == nil {
		b.whileEmpty, err = b.read(ctx, users)
	}
	b.say("  %v", b.whileEmpty)
	return err
}

// read asks for the users' orders, and for their pages, in turn at a rate that is easy.
func (b *bench) read(ctx context.Context, users []string) (reads, error) {
	var get, list []generator.Request
	for _, user := range users {
		ids, err := b.newest(ctx, user)
		if err != nil {
			return reads{}, err
		}
		for _, id := range ids {
			get = append(get, getAs(user, "/orders/"+id))
		}
		list = append(list, getAs(user, fmt.Sprintf("/orders?page_size=%d", pageOrders)))
	}
	var found reads
	for _, of := range []struct {
		requests []generator.Request
		attack   *generator.Attack
	}{{get, &found.get}, {list, &found.list}} {
		attack, err := b.vegeta(readsPerSecond, b.ask, of.requests).Run(ctx)
		if err == nil && attack.Made != attack.Sent {
			err = fmt.Errorf("%d of %d GETs succeeded: %v", attack.Made, attack.Sent, attack.Others)
		}
		if err != nil {
			return reads{}, err
		}
		*of.attack = attack
	}
	return found, nil
}

func (b *bench) vegeta(perSecond int, lasting time.Duration, requests []generator.Request) generator.Vegeta {
	return generator.Vegeta{Requests: requests, PerSecond: perSecond, Duration: lasting, Program: b.vegetaProgram, Dir: b.dir}
}

// newest are the ids of a page of the user's orders; there must be so many.
func (b *bench) newest(ctx context.Context, user string) ([]string, error) {
	var ids []string
	err := b.orders.QueryRow(ctx,
		`SELECT ARRAY(SELECT id::text FROM orders WHERE user_id = $1 ORDER BY id DESC LIMIT $2)`, user, pageOrders).Scan(&ids)
	if err == nil && len(ids) != pageOrders {
		err = fmt.Errorf("%s has %d orders, not %d", user, len(ids), pageOrders)
	}
	return ids, err
}

func getAs(user, path string) generator.Request {
	return generator.Request{Method: "GET", URL: support.OrdersURL + path, Header: map[string][]string{"X-User-Id": {user}}}
}
