package main

import (
	"testing"
	"time"

	"orderspayments/tests/bench/generator"
	"orderspayments/tests/bench/report"
)

// tried is a trial at so many steps of a yardstick of 2,000/s, and how much of it settled.
func tried(steps int, settledPerSecond float64) trial {
	perSecond := steps * 50
	t := trial{
		load: load{perSecond: perSecond}, steps: steps, attack: generator.Attack{Sent: 100, Made: 100, PerSecond: float64(perSecond)},
		second: settling{perSecond: settledPerSecond, ageP99: 10 * time.Millisecond},
	}
	if settledPerSecond < float64(perSecond) {
		t.second.ageP99 = 20 * time.Second
	}
	return t
}

func TestARateHoldsWhenNothingPilesUpIsRefusedOrIsLate(t *testing.T) {
	good := tried(12, 600)
	if !good.holds() {
		t.Error("a good one does not hold")
	}
	old, refused, slow := good, good, good
	old.second.ageP99 = ageMax + time.Millisecond
	refused.attack.Made--
	slow.attack.PerSecond = 590
	for name, bad := range map[string]trial{"old orders": old, "a refused order": refused, "a slow generator": slow} {
		if bad.holds() {
			t.Errorf("holds in spite of %s", name)
		}
	}
}

func TestTheSearchBeginsAtTheTarget(t *testing.T) {
	if got := ofYardstick(firstSteps); got != 0.6 {
		t.Errorf("begins at %v of the yardstick", got)
	}
}

func TestTheSearchClimbsWhileRatesHold(t *testing.T) {
	if got := next([]trial{tried(12, 600)}); got != 13 {
		t.Errorf("after 12 held: %d", got)
	}
	if got := next([]trial{tried(12, 600), tried(13, 650), tried(14, 700), tried(15, 750), tried(16, 800)}); got != 0 {
		t.Errorf("after %d trials: %d", probesMax, got)
	}
}

func TestAConfirmationThatDoesNotHoldGoesDownOnce(t *testing.T) {
	if got := nextConfirmation([]trial{tried(12, 600)}); got != 0 {
		t.Errorf("after 12 held: %d", got)
	}
	if got := nextConfirmation([]trial{tried(12, 300)}); got != 10 {
		t.Errorf("after 12 did not hold: %d", got)
	}
	if got := nextConfirmation([]trial{tried(1, 20)}); got != 0 {
		t.Errorf("below the lowest rate: %d", got)
	}
	if got := nextConfirmation([]trial{tried(12, 300), tried(10, 300)}); got != 0 {
		t.Errorf("after %d trials: %d", confirmationsMax, got)
	}
}

func TestTheSearchFallsToWhatSettled(t *testing.T) {
	for settled, want := range map[float64]int{590: 11, 355: 7, 20: 1} {
		if got := next([]trial{tried(12, settled)}); got != want {
			t.Errorf("after 12 settled %v: %d, want %d", settled, got, want)
		}
	}
	if got := next([]trial{tried(1, 20)}); got != 0 {
		t.Errorf("below the lowest rate: %d", got)
	}
}

func TestTheSearchEndsBetweenARateThatHoldsAndOneThatDoesNot(t *testing.T) {
	for _, search := range [][]trial{{tried(8, 400), tried(9, 440)}, {tried(9, 440), tried(8, 400)}} {
		if got := next(search); got != 0 {
			t.Errorf("after %v: %d", search, got)
		}
		if got := choose(search); got.steps != 8 {
			t.Errorf("chose %v", got)
		}
	}
}

func TestTheLowestRateIsChosenWhereNoneHolds(t *testing.T) {
	figures := report.Figures{}
	chosen := choose([]trial{tried(12, 300), tried(6, 250), tried(5, 100)})
	chosen.report(figures)
	if chosen.steps != 5 || figures[sustainedPerSecond] != 0 {
		t.Errorf("chose %v, sustained %v", chosen, figures[sustainedPerSecond])
	}
}

func TestAnOrdersCostIsThatOfAllProcessesByPart(t *testing.T) {
	figures := report.Figures{}
	trial := tried(12, 600)
	trial.used = map[string]time.Duration{
		"edge:orders-gateway": 10 * time.Millisecond, "edge:nginx": 1 * time.Millisecond,
		"services:orders-service": 4 * time.Millisecond, "services:payments-service": 3 * time.Millisecond,
		"infrastructure:postgres-orders": 8 * time.Millisecond, "infrastructure:postgres-payments": 7 * time.Millisecond,
		"infrastructure:rabbitmq": 9 * time.Millisecond,
	}
	trial.report(figures)
	for figure, want := range map[string]float64{
		sustainedCPU: 420, costFigure("gateway"): 110, costFigure("services"): 70, costFigure("Postgres"): 150, costFigure("RabbitMQ"): 90,
	} {
		if figures[figure] != want {
			t.Errorf("%s: %v us, want %v", figure, figures[figure], want)
		}
	}
}
