package schedule

import (
	"slices"
	"testing"
	"time"
)

const minutes = 5 * time.Minute

func TestSameSeedAndDurationGiveTheSameStrikes(t *testing.T) {
	for seed := range uint64(100) {
		if !slices.Equal(Make(seed, minutes), Make(seed, minutes)) {
			t.Errorf("seed %d gave two schedules", seed)
		}
	}
}

// A failing seed of the past must fail tomorrow: a change of this list is a change of them all.
func TestStrikesOfASeedStayTheSame(t *testing.T) {
	want := []string{
		"   2.00 s  failpoint charge_after_ack at passage 1 for 4.88 s",
		"   5.33 s  freeze payments-gateway for 2.09 s",
		"   5.95 s  kill postgres-orders",
		"   8.29 s  delete binding payments.payment-requested",
		"  10.81 s  close connections rabbitmq",
	}
	var got []string
	for _, strike := range Make(1, 20*time.Second) {
		got = append(got, strike.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnotherSeedGivesOtherStrikes(t *testing.T) {
	for seed := range uint64(100) {
		if slices.Equal(Make(seed, minutes), Make(seed+1, minutes)) {
			t.Errorf("seeds %d and %d gave the same schedule", seed, seed+1)
		}
	}
}

func TestEveryStrikeIsOverWithinTheDuration(t *testing.T) {
	for seed := range uint64(100) {
		for _, strike := range Make(seed, 30*time.Second) {
			if end := strike.Start + strike.Lasting; strike.Start < calm || end > 30*time.Second {
				t.Errorf("seed %d: %v", seed, strike)
			}
		}
	}
}

func TestNoPartSuffersTwoStrikesAtOnce(t *testing.T) {
	for seed := range uint64(100) {
		over := map[string]time.Duration{}
		for _, strike := range Make(seed, minutes) {
			if strike.Start < over[strike.Part] {
				t.Errorf("seed %d: %v, but %s is struck until %v", seed, strike, strike.Part, over[strike.Part])
			}
			over[strike.Part] = strike.Start + strike.Lasting
		}
	}
}

func TestFiveMinutesStrikeEverything(t *testing.T) {
	for seed := range uint64(100) {
		struck := map[[2]string]bool{}
		for _, strike := range Make(seed, minutes) {
			struck[[2]string{string(strike.Kind), strike.Target}] = true
		}
		for _, card := range deck() {
			if !struck[[2]string{string(card.kind), card.target}] {
				t.Errorf("seed %d spares %s of %s", seed, card.kind, card.target)
			}
		}
	}
}

func TestMessagesAreDestroyedInTimeToBeBroughtBack(t *testing.T) {
	for seed := range uint64(100) {
		for _, strike := range Make(seed, minutes) {
			if strike.Kind.Destroys() && strike.Start > minutes-sparedMin {
				t.Errorf("seed %d: %v", seed, strike)
			}
		}
	}
}

func TestStrikesGoOnUntilTheEnd(t *testing.T) {
	for seed := range uint64(1000) {
		strikes := Make(seed, minutes)
		if last := strikes[len(strikes)-1]; last.Start < minutes-sparedMin/2 {
			t.Errorf("seed %d: the last is %v", seed, last)
		}
	}
}

func TestStrikesOnDifferentPartsOverlap(t *testing.T) {
	overlaps := 0
	strikes := Make(1, minutes)
	for i, strike := range strikes[1:] {
		if strikes[i].Start+strikes[i].Lasting > strike.Start {
			overlaps++
		}
	}
	if overlaps < len(strikes)/10 {
		t.Errorf("only %d of %d overlap the one before", overlaps, len(strikes))
	}
}
