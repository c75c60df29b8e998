package main

import (
	"context"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"orderspayments/tests/bench/report"
	"orderspayments/tests/support"
)

const (
	// An order's way from its POST to its end.
	commitsOfAnOrder = 3
	hopsOfAnOrder    = 2
	echoesOfAnOrder  = 1

	hopQueue = "bench.hop"
	hopBytes = 80
)

// measureLatencyParts measures the parts of an order's way, each alone, at the pace of the orders: a
// commit of one row, a message from its publishing to its delivery, a request that its gateway
// answers by itself.
func (b *bench) measureLatencyParts(ctx context.Context, figures report.Figures) error {
	lasting := time.Duration(b.latencyParts) * orderInterval
	commits, err := b.pgbench("insert_order.sql", 1, lasting).Latencies(ctx, b.dir, orderInterval)
	if err != nil {
		return err
	}
	hops, err := b.hops(ctx)
	if err != nil {
		return err
	}
	var echoes []time.Duration
	err = paced(ctx, b.latencyParts, func(ctx context.Context) error {
		start := time.Now()
		err := support.Live(ctx, support.OrdersURL)
		echoes = append(echoes, time.Since(start))
		return err
	})
	if err != nil {
		return err
	}
	commit, hop, echo := report.Percentile(commits, 50), report.Percentile(hops, 50), report.Percentile(echoes, 50)
	figures["latency_commit_p50_ms"] = milliseconds(commit)
	figures["latency_hop_p50_ms"] = milliseconds(hop)
	figures["latency_echo_p50_ms"] = milliseconds(echo)
	figures[latencyPartsP50] = milliseconds(commitsOfAnOrder*commit + hopsOfAnOrder*hop + echoesOfAnOrder*echo)
	return nil
}

// hops are through a queue of the same kind as those of the system.
func (b *bench) hops(ctx context.Context) (took []time.Duration, err error) {
	connection, err := amqp.Dial(b.amqpURL)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return nil, err
	}
	if _, err := channel.QueueDeclare(hopQueue, true, false, false, false, amqp.Table{amqp.QueueTypeArg: amqp.QueueTypeQuorum}); err != nil {
		return nil, err
	}
	defer func() {
		_, deleteErr := channel.QueueDelete(hopQueue, false, false, false)
		err = errors.Join(err, deleteErr)
	}()
	deliveries, err := channel.ConsumeWithContext(ctx, hopQueue, "", false, true, false, false, nil)
	if err != nil {
		return nil, err
	}
	body := make([]byte, hopBytes)
	err = paced(ctx, b.latencyParts, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, settleTimeout)
		defer cancel()
		start := time.Now()
		message := amqp.Publishing{DeliveryMode: amqp.Persistent, Body: body}
		if err := channel.PublishWithContext(ctx, "", hopQueue, true, false, message); err != nil {
			return err
		}
		select {
		case delivery, open := <-deliveries:
			if !open {
				return amqp.ErrClosed
			}
			took = append(took, time.Since(start))
			return delivery.Ack(false)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return took, err
}
