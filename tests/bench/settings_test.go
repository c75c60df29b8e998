package main

import (
	"testing"
	"time"
)

// environment is what run.sh sets, and what else is given.
func environment(more map[string]string) func(string) string {
	return func(name string) string {
		if value, given := more[name]; given {
			return value
		}
		switch name {
		case "BENCH_DIR", "LOCAL_DIR", "VEGETA", "ORDERS_GRPC", "ORDERS_METRICS_PORT", "POSTGRES_PASSWORD", "AMQP_ADMIN_URL":
			return "x"
		}
		return ""
	}
}

func TestSettingsChooseTheRowAndThePace(t *testing.T) {
	for name, test := range map[string]struct {
		given  map[string]string
		row    int
		rounds int
		trial  time.Duration
	}{
		"all":       {nil, 0, 3, time.Minute},
		"one row":   {map[string]string{"ROW": "10"}, 10, 3, time.Minute},
		"quick":     {map[string]string{"QUICK": "1"}, 0, 1, 15 * time.Second},
		"cut":       {map[string]string{"QUICK": "1", "STEP": "2s"}, 0, 1, 2 * time.Second},
		"not quick": {map[string]string{"QUICK": "0"}, 0, 3, time.Minute},
	} {
		s, err := settingsOf(environment(test.given))
		if err != nil || s.row != test.row || s.rounds != test.rounds || s.trial != test.trial {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestSettingsThatCannotBeAreRefused(t *testing.T) {
	for _, given := range []map[string]string{
		{"ROW": "three"}, {"ROW": "0"}, {"ROW": "99"}, {"STEP": "2"}, {"STEP": "10ms"}, {"LOCAL_DIR": ""},
	} {
		if s, err := settingsOf(environment(given)); err == nil {
			t.Errorf("%v: %+v", given, s)
		}
	}
}

func TestEveryRowIsMeasuredByAStep(t *testing.T) {
	for _, row := range measuredRows() {
		found := 0
		for _, step := range steps {
			for _, measured := range step.rows {
				if measured == row {
					found++
				}
			}
		}
		if found == 0 {
			t.Errorf("no step measures row %d", row)
		}
	}
}

func TestARowThatIsMeasuredOnceTakesOneRound(t *testing.T) {
	for row, want := range map[int]int{0: 3, 1: 3, 2: 3, 6: 3, 8: 1, 9: 1, 14: 1} {
		if got := roundsFor(row, 3); got != want {
			t.Errorf("row %d: %d rounds, want %d", row, got, want)
		}
	}
}

func TestAStepThatIsDueOnceIsSoInEachRun(t *testing.T) {
	for _, rounds := range []int{1, 3} {
		for _, step := range steps {
			due := 0
			for round := range rounds {
				if step.due(round, rounds) {
					due++
				}
			}
			if want := map[turn]int{everyRound: rounds, firstRound: 1, lastRound: 1}[step.turn]; due != want {
				t.Errorf("%s is due %d times in %d rounds, want %d", step.name, due, rounds, want)
			}
		}
	}
}
