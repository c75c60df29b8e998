package report

import (
	"math"
	"slices"
	"strings"
	"testing"
)

var burst = Line{
	Row: 1, What: "accept burst", Unit: "orders/s", Figure: "accepted_per_s", Against: "created_per_s", Yardstick: "pgbench",
	Targets: []Target{{Bound: 0.65, Ratio: true}},
}

func TestMedianIsTheMiddle(t *testing.T) {
	if got := Median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("of three: %v", got)
	}
	if got := Median([]float64{4, 1, 2, 100}); got != 3 {
		t.Errorf("of four: %v", got)
	}
	if got := Median(nil); !math.IsNaN(got) {
		t.Errorf("of none: %v", got)
	}
}

func TestPercentileIsASampleThatSoManyDoNotExceed(t *testing.T) {
	var samples []int
	for i := range 200 {
		samples = append(samples, 200-i)
	}
	for percent, want := range map[int]int{1: 2, 50: 100, 99: 198, 100: 200} {
		if got := Percentile(samples, percent); got != want {
			t.Errorf("%d %%: %d, want %d", percent, got, want)
		}
	}
	if got := Percentile([]int{7}, 1); got != 7 {
		t.Errorf("of one: %d", got)
	}
}

func TestARatioIsToTheYardstickOfItsRound(t *testing.T) {
	result := burst.Of([]Figures{
		{"accepted_per_s": 600, "created_per_s": 1000},
		{"accepted_per_s": 700, "created_per_s": 1000},
		{"accepted_per_s": 70, "created_per_s": 100},
	})
	if want := []float64{0.6, 0.7, 0.7}; !slices.Equal(result.Ratios, want) {
		t.Errorf("%v, want %v", result.Ratios, want)
	}
	if got := result.Judge(burst.Targets[0]); got != Met {
		t.Errorf("a median of 0.7 is %v", got)
	}
}

func TestATargetIsMetByItsBoundAndMissedBeyondIt(t *testing.T) {
	for _, test := range []struct {
		value  float64
		target Target
		want   Verdict
	}{
		{500, Target{Bound: 500, Most: true}, Met},
		{501, Target{Bound: 500, Most: true}, Missed},
		{500, Target{Bound: 500}, Met},
		{499, Target{Bound: 500}, Missed},
		{1.5, Target{Bound: 1.5, Ratio: true, Most: true}, Open},
	} {
		result := Line{Figure: "f"}.Of([]Figures{{"f": test.value}})
		if got := result.Judge(test.target); got != test.want {
			t.Errorf("%v %v is %v, want %v", test.value, test.target, got, test.want)
		}
	}
}

func TestALineIsOfTheRoundsThatMeasuredIt(t *testing.T) {
	if burst.Measured(nil) || burst.Measured([]Figures{{}, {"created_per_s": 1}}) {
		t.Error("measured")
	}
	if !burst.Measured([]Figures{{"accepted_per_s": 0}}) {
		t.Error("a figure of zero is not measured")
	}
	if got := burst.Of([]Figures{{}, {"accepted_per_s": 7}}).Values; !slices.Equal(got, []float64{7}) {
		t.Errorf("%v, want that of the second round", got)
	}
}

func TestAVoidRoundDoesNotCount(t *testing.T) {
	line := Line{Row: 6, What: "p99", Unit: "ms", Figure: "f", Void: "void", Targets: []Target{{Bound: 20, Most: true}}}
	some := line.Of([]Figures{{"f": 10, "void": 0}, {"f": 900, "void": 1}})
	if got := some.Judge(line.Targets[0]); got != Met || !slices.Equal(some.Values, []float64{10}) {
		t.Errorf("%v of %v, want met by the first", got, some.Values)
	}
	none := line.Of([]Figures{{"f": 10, "void": 1}})
	var out strings.Builder
	if err := Print(&out, []Result{none}); err != nil || !strings.HasSuffix(out.String(), "void\n") {
		t.Errorf("%v, want a verdict of void in\n%s", err, out.String())
	}
	if err := (Document{}).Write(t.TempDir(), []Result{none}); err != nil {
		t.Error(err)
	}
}

func TestALineSaysThatItsRateDidNotHold(t *testing.T) {
	line := Line{What: "hot account", Figure: "f", Holds: "holds"}
	for holds, want := range map[float64]string{0: "hot account, which did not hold", 1: "hot account"} {
		if got := line.Of([]Figures{{"f": 1, "holds": holds}}).what(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheTableHasMedianRangeRatioAndVerdict(t *testing.T) {
	var out strings.Builder
	rounds := []Figures{{"accepted_per_s": 6000, "created_per_s": 10000}, {"accepted_per_s": 5000, "created_per_s": 10000}, {"accepted_per_s": 7000, "created_per_s": 10000}}
	if err := Print(&out, []Result{burst.Of(rounds), burst.Of([]Figures{{"accepted_per_s": 12.34}})}); err != nil {
		t.Fatal(err)
	}
	want := "row  what          unit      median (min .. max)  yardstick      ratio  target     verdict\n" +
		"1    accept burst  orders/s  6000 (5000 .. 7000)  pgbench 10000  0.60   >= 0.65 x  missed\n" +
		"1    accept burst  orders/s  12.3 (12.3 .. 12.3)  -              -      >= 0.65 x  open\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestTheReceiptIsTheSumOfItsParts(t *testing.T) {
	rounds := []Figures{{"gateway_us": 100, "services_us": 50}, {"gateway_us": 120, "services_us": 40}, {"gateway_us": 110, "services_us": 90}}
	got := Receipt(rounds, []string{"gateway", "services"}, func(part string) string { return part + "_us" })
	if want := "an order costs 160 us: gateway 110, services 50"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestThePlotHasADotRightOfTheTargetForWhatIsMet(t *testing.T) {
	var out strings.Builder
	met := burst.Of([]Figures{{"accepted_per_s": 130, "created_per_s": 100}})
	open := burst.Of([]Figures{{"accepted_per_s": 130}})
	if err := plot(&out, []Result{met, open}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<g class="met">`, `<line x1="680" y1="24"`, `<circle cx="900"`} {
		if strings.Count(out.String(), want) != 1 {
			t.Errorf("not one %s in\n%s", want, out.String())
		}
	}
}
