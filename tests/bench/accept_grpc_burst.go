package main

import (
	"context"

	"orderspayments/tests/bench/generator"
	"orderspayments/tests/bench/report"
)

// acceptGRPCBurst is row 3: row 1 without the gateway.
func (b *bench) acceptGRPCBurst(ctx context.Context, figures report.Figures) error {
	return b.burst(ctx, figures, "grpc", func(ctx context.Context) (closedLoop, error) {
		burst, err := generator.GRPC{
			Target: b.ordersGRPC, Connections: grpcConnections, Streams: grpcStreams, Users: b.users, Amount: price, Duration: b.pace.burst,
		}.Run(ctx)
		return closedLoop{burst}, err
	})
}
