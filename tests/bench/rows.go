package main

import (
	"context"
	"slices"

	"orderspayments/tests/bench/report"
)

// Figures that lines of the table show.
const (
	burstPerSecond        = "burst_accepted_per_s"
	burstDrainedPerSecond = "burst_accepted_by_burst_and_drain_per_s"
	burstAlonePerSecond   = "burst_without_payments_accepted_per_s"
	burstYardstick        = "burst_yardstick_per_s"

	sustainedPerSecond    = "sustained_settled_per_s"
	sustainedYardstick    = "sustained_yardstick_per_s"
	sustainedCPU          = "sustained_cpu_us"
	sustainedYardstickCPU = "sustained_yardstick_cpu_us"
	sustainedResident     = "sustained_resident_largest_mib"
	latencyP50            = "latency_p50_ms"
	latencyP99            = "latency_p99_ms"
	latencyPartsP50       = "latency_parts_p50_ms"
	readPerSecond         = "read_per_s"
	idleCPU               = "idle_cpu_percent"
)

// lines are the table's, in its order.
var lines = []report.Line{
	{Row: 1, What: "accept burst", Unit: "orders/s", Figure: burstPerSecond, Against: burstYardstick, Yardstick: "pgbench",
		Targets: []report.Target{{Bound: 0.65, Ratio: true}}},
	{Row: 1, What: "accept burst, with its drain", Unit: "orders/s", Figure: burstDrainedPerSecond, Against: sustainedPerSecond, Yardstick: "row 2",
		Targets: []report.Target{{Bound: 0.9, Ratio: true}}},
	{Row: 1, What: "accept burst, payments stopped", Unit: "orders/s", Figure: burstAlonePerSecond, Against: burstYardstick, Yardstick: "pgbench",
		Targets: []report.Target{{Bound: 1, Ratio: true}}},
	{Row: 2, What: "sustained", Unit: "orders/s", Figure: sustainedPerSecond, Against: sustainedYardstick, Yardstick: "pgbench",
		Targets: []report.Target{{Bound: 0.6, Ratio: true}}},
	{Row: 4, What: "idle latency p50", Unit: "ms", Figure: latencyP50, Against: latencyPartsP50, Yardstick: "its parts",
		Targets: []report.Target{{Bound: 6, Most: true}, {Bound: 1.5, Most: true, Ratio: true}}},
	{Row: 4, What: "idle latency p99", Unit: "ms", Figure: latencyP99, Targets: []report.Target{{Bound: 20, Most: true}}},
	{Row: 5, What: "CPU of an order at row 2's rate", Unit: "us", Figure: sustainedCPU, Against: sustainedYardstickCPU, Yardstick: "pgbench",
		Targets: []report.Target{{Bound: 500, Most: true}, {Bound: 1.5, Most: true, Ratio: true}}},
	{Row: 10, What: "GET of an order", Unit: "1/s", Figure: readPerSecond, Against: burstPerSecond, Yardstick: "row 1",
		Targets: []report.Target{{Bound: 1, Ratio: true}}},
	{Row: 11, What: "resident memory, the largest", Unit: "MiB", Figure: sustainedResident, Targets: []report.Target{{Bound: 64, Most: true}}},
	{Row: 14, What: "idle CPU of our processes", Unit: "% of a core", Figure: idleCPU, Targets: []report.Target{{Bound: 5, Most: true}}},
}

// step measures some rows at once, and writes their figures to the round's.
type step struct {
	name string
	rows []int
	// yardstickOf are rows that are compared with this step's.
	yardstickOf []int
	run         func(*bench, context.Context, report.Figures) error
}

// steps begin with the one that leaves the least behind.
var steps = []step{
	{name: "idle CPU", rows: []int{14}, run: (*bench).idleCPU},
	{name: "idle latency", rows: []int{4}, run: (*bench).idleLatency},
	{name: "sustained", rows: []int{2, 5, 11}, run: (*bench).sustained},
	{name: "accept burst", rows: []int{1}, yardstickOf: []int{10}, run: (*bench).acceptBurst},
	{name: "read", rows: []int{10}, run: (*bench).readOrder},
}

func (s step) measures(row int) bool {
	return row == 0 || slices.Contains(s.rows, row) || slices.Contains(s.yardstickOf, row)
}

// measuredRows are those that ROW may name.
func measuredRows() []int {
	var rows []int
	for _, line := range lines {
		rows = append(rows, line.Row)
	}
	return slices.Compact(rows)
}
