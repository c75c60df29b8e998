package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/prometheus/procfs"
	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sys/unix"
)

// machine tells what the figures were measured on.
func (b *bench) machine(ctx context.Context) (map[string]string, error) {
	proc, err := procfs.NewDefaultFS()
	if err != nil {
		return nil, err
	}
	cpus, cpuErr := proc.CPUInfo()
	memory, memoryErr := proc.Meminfo()
	var kernel unix.Utsname
	kernelErr := unix.Uname(&kernel)
	var postgres string
	postgresErr := b.orders.QueryRow(ctx, `SHOW server_version`).Scan(&postgres)
	broker, brokerErr := amqp.Dial(b.amqpURL)
	if err := errors.Join(cpuErr, memoryErr, kernelErr, postgresErr, brokerErr); err != nil {
		return nil, err
	}
	defer broker.Close()
	facts := map[string]string{
		"cores":      fmt.Sprint(runtime.NumCPU()),
		"kernel":     unix.ByteSliceToString(kernel.Release[:]),
		"go":         runtime.Version(),
		"postgres":   postgres,
		"rabbitmq":   fmt.Sprint(broker.Properties["version"]),
		"commit":     b.commit,
		"memory_mib": fmt.Sprint(*memory.MemTotal / 1024),
	}
	if len(cpus) > 0 {
		facts["cpu"] = cpus[0].ModelName
	}
	return facts, nil
}
