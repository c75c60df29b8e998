package usage

import (
	"maps"
	"os"
	"testing"
	"time"

	"github.com/prometheus/procfs"
)

func TestAPartUsesWhatItsWholeTreeUses(t *testing.T) {
	uses, err := Parts{"postgres": 10, "gateway": 20}.sum([]procfs.ProcStat{
		{PID: 1, PPID: 0, UTime: 9999},
		{PID: 10, PPID: 1, UTime: 100, STime: 50, CUTime: 300, CSTime: 50, RSS: 2},
		{PID: 11, PPID: 10, UTime: 25, RSS: 3},
		{PID: 12, PPID: 11, STime: 25, RSS: 4},
		{PID: 20, PPID: 1, UTime: 7, RSS: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	want := map[string]Use{
		"postgres": {CPU: 5500 * time.Millisecond, ResidentBytes: 9 * page},
		"gateway":  {CPU: 70 * time.Millisecond, ResidentBytes: page},
	}
	if !maps.Equal(uses, want) {
		t.Errorf("%v, want %v", uses, want)
	}
}

func TestAPartThatHasEndedIsAnError(t *testing.T) {
	if uses, err := (Parts{"gateway": 20}).sum([]procfs.ProcStat{{PID: 10}}); err == nil {
		t.Errorf("got %v", uses)
	}
}

func TestPartsAreThoseOfTheSupervisorsStatus(t *testing.T) {
	parts, err := parseStatus("edge:nginx                       RUNNING   pid 31, uptime 0:00:05\n" +
		"services:orders-service          RUNNING   pid 4711, uptime 1 day, 0:00:07\n")
	if want := (Parts{"edge:nginx": 31, "services:orders-service": 4711}); err != nil || !maps.Equal(parts, want) {
		t.Errorf("%v, %v, want %v", parts, err, want)
	}
}

func TestAPartThatDoesNotRunIsAnError(t *testing.T) {
	if parts, err := parseStatus("edge:nginx    STOPPED   Nov 22 11:10 PM\n"); err == nil {
		t.Errorf("got %v", parts)
	}
}
