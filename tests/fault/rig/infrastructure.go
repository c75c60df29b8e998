package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"orderspayments/tests/support"
)

// Infrastructure is a part that the supervisor of LOCAL_DIR runs: a database server or the
// broker.
type Infrastructure struct {
	t       testing.TB
	part    string
	accepts func(context.Context) error

	lock   sync.Mutex
	struck bool
	thaw   func()
}

func databaseAccepts(url string) func(context.Context) error {
	return func(ctx context.Context) error { return support.DatabaseAccepts(ctx, url) }
}

func brokerAccepts(context.Context) error { return support.BrokerAccepts() }

// Kill is kill -9 of its main process. The supervisor starts it again; AwaitUp waits for it.
func (i *Infrastructure) Kill() { i.Signal(syscall.SIGKILL) }

// Signal signals its main process. SIGQUIT is a database's immediate stop.
func (i *Infrastructure) Signal(signal syscall.Signal) {
	i.t.Helper()
	i.begin()
	pid, err := PIDOf(i.t.Context(), i.part)
	if err == nil {
		err = syscall.Kill(pid, signal)
	}
	if err != nil {
		i.t.Errorf("%v to %s: %v", signal, i.part, err)
	}
}

// Freeze stops its main process and that one's children until Thaw.
func (i *Infrastructure) Freeze() {
	i.t.Helper()
	i.begin()
	pid, err := PIDOf(i.t.Context(), i.part)
	if err == nil {
		var thaw func()
		thaw, err = FreezeTree(pid)
		i.lock.Lock()
		i.thaw = thaw
		i.lock.Unlock()
	}
	if err != nil {
		i.t.Errorf("freeze %s: %v", i.part, err)
	}
}

// Thaw ends Freeze.
func (i *Infrastructure) Thaw() {
	i.lock.Lock()
	defer i.lock.Unlock()
	if i.thaw != nil {
		i.thaw()
		i.thaw = nil
	}
}

// Stop ends it in an orderly way, and it is away until Start.
func (i *Infrastructure) Stop() {
	i.t.Helper()
	i.begin()
	i.supervise("stop")
}

// Start ends Stop, and returns when it takes clients.
func (i *Infrastructure) Start() {
	i.t.Helper()
	i.supervise("start")
	i.AwaitUp()
}

// AwaitUp waits until it takes clients.
func (i *Infrastructure) AwaitUp() {
	i.t.Helper()
	// Also when the test is over, where its own context is.
	if err := support.Within(context.WithoutCancel(i.t.Context()), StartTimeout, i.accepts); err != nil {
		i.t.Errorf("%s: %v", i.part, err)
	}
}

func (i *Infrastructure) begin() {
	i.lock.Lock()
	defer i.lock.Unlock()
	i.struck = true
}

func (i *Infrastructure) supervise(command string) {
	i.t.Helper()
	output, err := Supervisorctl(context.WithoutCancel(i.t.Context()), command, i.part)
	// What runs already is as it should be.
	if err != nil && !strings.Contains(output, "already started") && !strings.Contains(output, "not running") {
		i.t.Errorf("%s %s: %v: %s", command, i.part, err, output)
	}
}

func (i *Infrastructure) mend() {
	i.Thaw()
	if i.struck {
		i.Start()
	}
}

// Supervisorctl commands LOCAL_DIR's supervisor, and returns what it says.
func Supervisorctl(ctx context.Context, arguments ...string) (string, error) {
	configuration := filepath.Join(localDir, "supervisord.conf")
	output, err := exec.CommandContext(ctx, "supervisorctl", append([]string{"-c", configuration}, arguments...)...).CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

// PIDOf is the process that does the work of a part of LOCAL_DIR's supervisor. What the
// supervisor knows may be a shell that started it: then it is the last of the line of only
// children.
func PIDOf(ctx context.Context, part string) (int, error) {
	output, err := Supervisorctl(ctx, "pid", part)
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", part, err, output)
	}
	pid, err := strconv.Atoi(output)
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

// FreezeTree stops a process, which then has no further children, and those it has, until
// thaw is called.
func FreezeTree(pid int) (thaw func(), err error) {
	var frozen []int
	thaw = func() {
		for _, pid := range frozen {
			syscall.Kill(pid, syscall.SIGCONT)
		}
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return thaw, err
	}
	frozen = append(frozen, pid)
	children, err := childrenOf(pid)
	if err != nil {
		return thaw, err
	}
	for _, child := range children {
		err := syscall.Kill(child, syscall.SIGSTOP)
		if err == nil {
			frozen = append(frozen, child)
		} else if !errors.Is(err, syscall.ESRCH) {
			return thaw, err
		}
	}
	return thaw, nil
}
