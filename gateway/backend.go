package main

import (
	"context"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	ordersv1 "orderspayments/gen/orders/v1"
	paymentsv1 "orderspayments/gen/payments/v1"
)

// backend is the service that a gateway stands beside.
type backend struct {
	routes   []*route
	register func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error

	// Defaults of the settings.
	httpListen, metricsListen, grpcTarget string
}

var backends = map[string]*backend{
	"orders": {
		routes:        ordersRoutes,
		register:      ordersv1.RegisterOrdersServiceHandler,
		httpListen:    "127.0.0.1:8080",
		metricsListen: "127.0.0.1:9280",
		grpcTarget:    "127.0.0.1:9080",
	},
	"payments": {
		routes:        paymentsRoutes,
		register:      paymentsv1.RegisterPaymentsServiceHandler,
		httpListen:    "127.0.0.1:8081",
		metricsListen: "127.0.0.1:9281",
		grpcTarget:    "127.0.0.1:9081",
	},
}
