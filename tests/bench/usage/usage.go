// Package usage tells what CPU time and memory the parts of a supervised system use.
package usage

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/prometheus/procfs"
)

// userHZ is the unit of CPU times in /proc/PID/stat, ticks per second, on every Linux.
const userHZ = 100

// Use is what a part, all its processes together, has used since its start.
type Use struct {
	// CPU is user and system time, that of processes which have ended included.
	CPU time.Duration
	// ResidentBytes counts memory that processes share in each of them.
	ResidentBytes int
}

// Parts are the first processes of a system's parts, by the supervisor's names.
type Parts map[string]int

// PartsOf asks the supervisor of this configuration; all its parts must be running.
func PartsOf(ctx context.Context, configuration string) (Parts, error) {
	status, err := exec.CommandContext(ctx, "supervisorctl", "-c", configuration, "status").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("supervisorctl status: %w: %s", err, status)
	}
	return parseStatus(string(status))
}

var statusLine = regexp.MustCompile(`(?m)^(\S+)\s+(\w+)(?:\s+pid (\d+),)?.*$`)

func parseStatus(status string) (Parts, error) {
	parts := Parts{}
	for _, line := range statusLine.FindAllStringSubmatch(status, -1) {
		pid, err := strconv.Atoi(line[3])
		if err != nil {
			return nil, fmt.Errorf("%s is %s", line[1], line[2])
		}
		parts[line[1]] = pid
	}
	return parts, nil
}

// Take reads what each part has used up to now.
func (p Parts) Take() (map[string]Use, error) {
	processes, err := procfs.AllProcs()
	if err != nil {
		return nil, err
	}
	var stats []procfs.ProcStat
	for _, process := range processes {
		// One that has ended meanwhile is counted with its parent.
		if stat, err := process.Stat(); err == nil {
			stats = append(stats, stat)
		}
	}
	return p.sum(stats)
}

func (p Parts) sum(stats []procfs.ProcStat) (map[string]Use, error) {
	children := map[int][]procfs.ProcStat{}
	byPID := map[int]procfs.ProcStat{}
	for _, stat := range stats {
		children[stat.PPID] = append(children[stat.PPID], stat)
		byPID[stat.PID] = stat
	}
	uses := map[string]Use{}
	for name, pid := range p {
		first, found := byPID[pid]
		if !found {
			return nil, fmt.Errorf("%s, process %d, has ended", name, pid)
		}
		use := Use{}
		for tree := []procfs.ProcStat{first}; len(tree) > 0; tree = tree[1:] {
			ticks := int(tree[0].UTime) + int(tree[0].STime) + tree[0].CUTime + tree[0].CSTime
			use.CPU += time.Duration(ticks) * time.Second / userHZ
			use.ResidentBytes += tree[0].ResidentMemory()
			tree = append(tree, children[tree[0].PID]...)
		}
		uses[name] = use
	}
	return uses, nil
}
