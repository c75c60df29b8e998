package fault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"orderspayments/tests/support"
)

// supervisorConf names the socket of the system's supervisor.
var supervisorConf = filepath.Join(support.Setting("LOCAL_DIR", ""), "supervisord.conf")

// pidOf is the process that does the work of a supervised part. What the supervisor knows may
// be a shell that started it: then it is the last of the line of only children.
func pidOf(ctx context.Context, part string) (int, error) {
	output, err := exec.CommandContext(ctx, "supervisorctl", "-c", supervisorConf, "pid", part).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", part, err, output)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(output)))
	if err != nil || pid <= 0 {
		return 0, fmt.Errorf("%s does not run: %s", part, output)
	}
	for isShell(pid) {
		children, err := childrenOf(pid)
		if err != nil || len(children) != 1 {
			return 0, fmt.Errorf("%s: the shell %d has children %v: %w", part, pid, children, err)
		}
		pid = children[0]
	}
	return pid, nil
}

func isShell(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && strings.HasSuffix(strings.TrimSpace(string(name)), "sh")
}

func childrenOf(pid int) ([]int, error) {
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil, err
	}
	var children []int
	for _, field := range strings.Fields(string(list)) {
		child, err := strconv.Atoi(field)
		if err != nil {
			return nil, err
		}
		children = append(children, child)
	}
	return children, nil
}

// freeze stops a process, which then has no further children, and those it has.
func freeze(pid int, frozen time.Duration) error {
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	defer syscall.Kill(pid, syscall.SIGCONT)
	children, err := childrenOf(pid)
	if err != nil {
		return err
	}
	for _, child := range children {
		if err := syscall.Kill(child, syscall.SIGSTOP); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
		defer syscall.Kill(child, syscall.SIGCONT)
	}
	<-time.After(frozen)
	return nil
}
