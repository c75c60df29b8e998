package main

import (
	"context"
	"time"

	"orderspayments/tests/bench/generator"
	"orderspayments/tests/bench/report"
)

// acceptGRPCBurst is row 3: row 1 without the gateway.
func (b *bench) acceptGRPCBurst(ctx context.Context, figures report.Figures) error {
	burst, drain, err := b.drained(ctx, func(ctx context.Context) (closedLoop, error) {
		burst, err := generator.GRPC{
			Target: b.ordersGRPC, Connections: grpcConnections, Streams: grpcStreams, Users: b.users, Amount: price, Duration: b.pace.burst,
		}.Run(ctx)
		return closedLoop{burst}, err
	})
	if err != nil {
		return err
	}
	figures[grpcPerSecond] = burst.perSecond()
	figures[grpcDrainedPerSecond] = float64(burst.made()) / (burst.Took + drain).Seconds()
	figures["grpc_refused"] = float64(burst.Refused)
	figures["grpc_drain_s"] = drain.Seconds()
	figures["grpc_generator_percent"] = burst.generatorPercent()
	b.say("  %v, drained in %v", burst, drain.Round(time.Millisecond))
	return nil
}
