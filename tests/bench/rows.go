package main

import (
	"context"
	"slices"

	"orderspayments/tests/bench/report"
)

// Figures that lines of the table show.
const (
	yardstickPerSecond = "yardstick_per_s"
	yardstickCPU       = "yardstick_cpu_us"

	// acceptedPerSecond and drainedPerSecond are ends of the names of a burst's figures.
	acceptedPerSecond = "_accepted_per_s"
	drainedPerSecond  = "_accepted_by_burst_and_drain_per_s"

	burstPerSecond        = "burst" + acceptedPerSecond
	burstDrainedPerSecond = "burst" + drainedPerSecond
	burstAlonePerSecond   = "burst_without_payments_accepted_per_s"
	grpcPerSecond         = "grpc" + acceptedPerSecond
	grpcDrainedPerSecond  = "grpc" + drainedPerSecond
	readPerSecond         = "read_per_s"

	sustainedPerSecond = "sustained_settled_per_s"
	sustainedCPU       = "sustained_cpu_us"
	sustainedResident  = "sustained_resident_largest_mib"

	latencyP50      = "latency_p50_ms"
	latencyP99      = "latency_p99_ms"
	latencyPartsP50 = "latency_parts_p50_ms"
	halfPostP99     = "half_post_p99_ms"
	halfPostMax     = "half_post_max_ms"
	halfSettleP99   = "half_settle_p99_ms"
	halfSettleMax   = "half_settle_max_ms"
	halfVoid        = "half_void"

	hotPerSecond      = "hot_account_settled_per_s"
	hotHolds          = "hot_account_holds"
	snapshotPerSecond = "snapshot_settled_per_s"
	snapshotHolds     = "snapshot_holds"
	awayPerSecond     = "payments_away_drained_per_s"
	awayTwice         = "payments_away_published_twice_percent"
	killedRecovery    = "payments_killed_recovery_s"
	restartTook       = "restart_s"
	idleCPU           = "idle_cpu_percent"

	grownPerSecond = "grown_settled_per_s"
	grownHolds     = "grown_holds"
	grownPlans     = "grown_plans_by_index"
	grownGet       = "grown_get"
	grownList      = "grown_list"
	emptyGet       = "empty_get"
	emptyList      = "empty_list"
)

func minimum(bound float64) []report.Target { return []report.Target{{Bound: bound}} }

func maximum(bound float64) []report.Target { return []report.Target{{Bound: bound, Most: true}} }

func minimumRatio(bound float64) []report.Target {
	return []report.Target{{Bound: bound, Ratio: true}}
}

func maximumRatio(bound float64) []report.Target {
	return []report.Target{{Bound: bound, Most: true, Ratio: true}}
}

// lines are the table's, in its order.
var lines = []report.Line{
	{Row: 1, What: "accept burst", Unit: "orders/s", Figure: burstPerSecond, Against: yardstickPerSecond, Yardstick: "pgbench", Targets: minimumRatio(0.65)},
	{Row: 1, What: "accept burst, with its drain", Unit: "orders/s", Figure: burstDrainedPerSecond, Against: sustainedPerSecond, Yardstick: "row 2", Targets: minimumRatio(0.9)},
	{Row: 1, What: "accept burst, payments stopped", Unit: "orders/s", Figure: burstAlonePerSecond, Against: yardstickPerSecond, Yardstick: "pgbench", Targets: minimumRatio(1)},
	{Row: 2, What: "sustained", Unit: "orders/s", Figure: sustainedPerSecond, Against: yardstickPerSecond, Yardstick: "pgbench", Targets: minimumRatio(0.6)},
	{Row: 3, What: "accept burst over gRPC", Unit: "orders/s", Figure: grpcPerSecond, Against: burstPerSecond, Yardstick: "row 1", Targets: minimumRatio(1.2)},
	{Row: 3, What: "accept burst over gRPC, with its drain", Unit: "orders/s", Figure: grpcDrainedPerSecond, Against: sustainedPerSecond, Yardstick: "row 2", Targets: minimumRatio(0.9)},
	{Row: 4, What: "idle latency p50", Unit: "ms", Figure: latencyP50, Against: latencyPartsP50, Yardstick: "its parts",
		Targets: append(maximum(6), maximumRatio(1.5)...)},
	{Row: 4, What: "idle latency p99", Unit: "ms", Figure: latencyP99, Targets: maximum(20)},
	{Row: 5, What: "CPU of an order at row 2's rate", Unit: "us", Figure: sustainedCPU, Against: yardstickCPU, Yardstick: "pgbench",
		Targets: append(maximum(500), maximumRatio(1.5)...)},
	{Row: 6, What: "POST p99 at half of row 2's rate", Unit: "ms", Figure: halfPostP99, Void: halfVoid, Targets: maximum(20)},
	{Row: 6, What: "its maximum", Unit: "ms", Figure: halfPostMax, Void: halfVoid},
	{Row: 6, What: "settle p99 at half of row 2's rate", Unit: "ms", Figure: halfSettleP99, Void: halfVoid, Targets: maximum(100)},
	{Row: 6, What: "its maximum", Unit: "ms", Figure: halfSettleMax, Void: halfVoid},
	{Row: 7, What: "all on one account", Unit: "orders/s", Figure: hotPerSecond, Holds: hotHolds, Against: sustainedPerSecond, Yardstick: "row 2", Targets: minimumRatio(0.9)},
	{Row: 8, What: "after growth", Unit: "orders/s", Figure: grownPerSecond, Holds: grownHolds, Against: sustainedPerSecond, Yardstick: "row 2", Targets: minimumRatio(0.9)},
	grownLine("GET of an order p50, after growth", grownGet, emptyGet, p50),
	grownLine("GET of an order p95, after growth", grownGet, emptyGet, p95),
	grownLine("first page p50, after growth", grownList, emptyList, p50),
	grownLine("first page p95, after growth", grownList, emptyList, p95),
	{Row: 8, What: "hot statements planned by index", Unit: "of all", Figure: grownPlans, Targets: minimum(1)},
	{Row: 9, What: "drain after payments were stopped", Unit: "orders/s", Figure: awayPerSecond, Against: sustainedPerSecond, Yardstick: "row 2", Targets: minimumRatio(1.2)},
	{Row: 9, What: "requests published twice", Unit: "%", Figure: awayTwice, Targets: maximum(1)},
	{Row: 10, What: "GET of an order", Unit: "1/s", Figure: readPerSecond, Against: burstPerSecond, Yardstick: "row 1", Targets: minimumRatio(1)},
	{Row: 11, What: "resident memory, the largest", Unit: "MiB", Figure: sustainedResident, Targets: maximum(64)},
	{Row: 12, What: "a second make up", Unit: "s", Figure: restartTook, Targets: maximum(10)},
	{Row: 13, What: "with a snapshot held open", Unit: "orders/s", Figure: snapshotPerSecond, Holds: snapshotHolds, Against: sustainedPerSecond, Yardstick: "row 2", Targets: minimumRatio(0.9)},
	{Row: 14, What: "idle CPU of our processes", Unit: "% of a core", Figure: idleCPU, Targets: maximum(5)},
	{Row: 15, What: "lag below 1 s after kill -9 of payments", Unit: "s", Figure: killedRecovery, Targets: maximum(3)},
}

// grownLine compares a read with the same when nothing was loaded.
func grownLine(what, grown, empty, percentile string) report.Line {
	return report.Line{Row: 8, What: what, Unit: "ms", Figure: grown + percentile, Against: empty + percentile, Yardstick: "empty", Targets: maximumRatio(1.3)}
}

// turn is in which rounds a step is due.
type turn int

const (
	everyRound turn = iota
	firstRound
	lastRound
)

// step measures some rows at once, and writes their figures to the round's.
type step struct {
	name string
	rows []int
	// yardstickOf are rows that are compared with this step's, or need what it finds.
	yardstickOf []int
	turn        turn
	run         func(*bench, context.Context, report.Figures) error
}

// steps begin with the one that leaves the least behind.
var steps = []step{
	{name: "idle CPU", rows: []int{14}, turn: firstRound, run: (*bench).idleCPU},
	{name: "reads before growth", yardstickOf: []int{8}, turn: firstRound, run: (*bench).readWhileEmpty},
	{name: "idle latency", rows: []int{4}, run: (*bench).idleLatency},
	{name: "yardstick", yardstickOf: []int{1, 2, 3, 5, 6, 7, 8, 9, 11, 13, 15}, run: (*bench).yardstick},
	{name: "sustained", rows: []int{2, 5, 11}, yardstickOf: []int{1, 3, 6, 7, 8, 9, 13, 15}, run: (*bench).sustained},
	{name: "half of the rate", rows: []int{6}, run: (*bench).halfRate},
	{name: "accept burst", rows: []int{1}, yardstickOf: []int{3, 10}, run: (*bench).acceptBurst},
	{name: "accept burst, payments stopped", rows: []int{1}, turn: lastRound, run: (*bench).acceptAlone},
	{name: "accept burst over gRPC", rows: []int{3}, turn: lastRound, run: (*bench).acceptGRPCBurst},
	{name: "read", rows: []int{10}, turn: lastRound, run: (*bench).readOrder},
	{name: "all on one account", rows: []int{7}, turn: lastRound, run: (*bench).hotAccount},
	{name: "a snapshot held open", rows: []int{13}, turn: lastRound, run: (*bench).openSnapshot},
	{name: "payments killed", rows: []int{15}, turn: lastRound, run: (*bench).paymentsKilled},
	{name: "payments away", rows: []int{9}, turn: lastRound, run: (*bench).paymentsAway},
	{name: "a second make up", rows: []int{12}, turn: lastRound, run: (*bench).restart},
	{name: "growth", rows: []int{8}, turn: lastRound, run: (*bench).growth},
}

func (s step) measures(row int) bool {
	return row == 0 || slices.Contains(s.rows, row) || slices.Contains(s.yardstickOf, row)
}

// due tells whether the step is one of the round's, counted from 0.
func (s step) due(round, rounds int) bool {
	return s.turn == everyRound || s.turn == firstRound && round == 0 || s.turn == lastRound && round == rounds-1
}

// roundsFor is one for a row that is measured only once.
func roundsFor(row, rounds int) int {
	for _, step := range steps {
		if row == 0 || step.turn == everyRound && slices.Contains(step.rows, row) {
			return rounds
		}
	}
	return 1
}

// measuredRows are those that ROW may name.
func measuredRows() []int {
	var rows []int
	for _, line := range lines {
		rows = append(rows, line.Row)
	}
	return slices.Compact(rows)
}
