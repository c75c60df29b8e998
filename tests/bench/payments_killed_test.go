package main

import (
	"testing"
	"time"
)

func TestRecoveryIsWhenTheLagStaysBelowItsLimit(t *testing.T) {
	ms := func(values ...int) []lag {
		var lags []lag
		for i := 0; i < len(values); i += 2 {
			lags = append(lags, lag{time.Duration(values[i]) * time.Millisecond, time.Duration(values[i+1]) * time.Millisecond})
		}
		return lags
	}
	for name, test := range map[string]struct {
		lags           []lag
		recovery, most time.Duration
	}{
		"never passed":       {ms(20, 10, 40, 900, 60, 0), 0, 900 * time.Millisecond},
		"once":               {ms(500, 500, 1000, 1000, 1500, 1500, 1700, 5, 9000, 0), 1700 * time.Millisecond, 1500 * time.Millisecond},
		"again":              {ms(1000, 1000, 1100, 5, 2100, 1001, 2200, 4, 9000, 0), 2200 * time.Millisecond, 1001 * time.Millisecond},
		"not under the load": {ms(1000, 1000, 9000, 9000, 12000, 0), 12 * time.Second, 9 * time.Second},
	} {
		if recovery, most := recovered(test.lags); recovery != test.recovery || most != test.most {
			t.Errorf("%s: %v, at most %v", name, recovery, most)
		}
	}
}
