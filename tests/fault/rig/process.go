package rig

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// killTimeout is for the kernel to end what was killed.
const killTimeout = 10 * time.Second

// tailLines of a log are shown when a test fails.
const tailLines = 15

// Process is one program under the rig. It may run, and end, several times.
type Process struct {
	t       testing.TB
	name    string
	program string
	log     string

	lock      sync.Mutex
	env       Env
	run       *run
	starts    int
	keep      bool
	forbidden bool // to start: the test is over
}

// run is one life of a process.
type run struct {
	process *os.Process
	ended   chan struct{}
	// state is there when ended is closed.
	state *os.ProcessState
}

func newProcess(t testing.TB, name, program, log string, env Env) *Process {
	p := &Process{t: t, name: name, program: program, log: log, env: env}
	t.Cleanup(p.end)
	return p
}

// Name is that of its log: "orders-service-1".
func (p *Process) Name() string { return p.name }

// Set changes a setting, for the next start; an empty value takes it away.
func (p *Process) Set(name, value string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.env[name] = value
}

// Start runs the process, with its log going on where it was. It does not wait for health.
func (p *Process) Start() {
	p.t.Helper()
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.run != nil && p.run.alive() {
		p.t.Errorf("%s runs already", p.name)
		return
	}
	if err := p.launch(); err != nil {
		p.t.Errorf("start %s: %v", p.name, err)
	}
}

// KeepRunning starts the process whenever it ends, at once, with the settings of that time.
func (p *Process) KeepRunning() {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.keep = true
}

// LetEnd ends what KeepRunning began; what runs goes on.
func (p *Process) LetEnd() {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.keep = false
}

// Starts is how often it was started.
func (p *Process) Starts() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.starts
}

// launch needs the lock.
func (p *Process) launch() error {
	if p.forbidden {
		return errors.New("the test is over")
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(p.program)
	command.Env = p.environment()
	command.Stdout, command.Stderr = log, log
	// It dies with the tests, however they end.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := onStarterThread(command.Start); err != nil {
		return err
	}
	p.run = &run{process: command.Process, ended: make(chan struct{})}
	p.starts++
	go p.reap(command, p.run)
	return nil
}

// environment is what the process sees: nothing of the tests' own settings but the mark by
// which deploy/local/down.sh finds the processes of its system.
func (p *Process) environment() []string {
	environment := []string{"PATH=" + os.Getenv("PATH"), "LOCAL_SYSTEM=" + localDir}
	for _, name := range slices.Sorted(maps.Keys(p.env)) {
		if p.env[name] != "" {
			environment = append(environment, name+"="+p.env[name])
		}
	}
	return environment
}

func (p *Process) reap(command *exec.Cmd, run *run) {
	command.Wait() // how it ended is in ProcessState
	run.state = command.ProcessState
	close(run.ended)
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.keep && p.run == run {
		if err := p.launch(); err != nil {
			p.t.Errorf("start %s again: %v", p.name, err)
		}
	}
}

// PID of the running process, or 0.
func (p *Process) PID() int {
	if run := p.current(); run != nil && run.alive() {
		return run.process.Pid
	}
	return 0
}

// Kill is kill -9; it returns when the process is gone. One that is gone already stays so.
func (p *Process) Kill() {
	p.t.Helper()
	if run := p.signal(syscall.SIGKILL); run != nil {
		p.awaitEnd(run, killTimeout)
	}
}

// Terminate is SIGTERM; AwaitEnd tells how it ended.
func (p *Process) Terminate() { p.signal(syscall.SIGTERM) }

// Freeze is SIGSTOP: its kernel goes on taking data for it. Thaw ends it.
func (p *Process) Freeze() { p.signal(syscall.SIGSTOP) }

// Thaw is SIGCONT.
func (p *Process) Thaw() { p.signal(syscall.SIGCONT) }

// signal gives the life that was signalled, if there is one.
func (p *Process) signal(signal syscall.Signal) *run {
	p.t.Helper()
	run := p.current()
	if run == nil {
		p.t.Errorf("%s was never started", p.name)
		return nil
	}
	if err := run.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("%v to %s: %v", signal, p.name, err)
	}
	return run
}

// AwaitEnd waits for the end of the life that runs now, or ran last, and tells how it ended:
// "exit status 0", "signal: killed".
func (p *Process) AwaitEnd(limit time.Duration) string {
	p.t.Helper()
	run := p.current()
	if run == nil {
		p.t.Errorf("%s was never started", p.name)
		return ""
	}
	return p.awaitEnd(run, limit)
}

func (p *Process) awaitEnd(run *run, limit time.Duration) string {
	p.t.Helper()
	select {
	case <-run.ended:
		return run.state.String()
	case <-time.After(limit):
		p.t.Errorf("%s still runs after %v", p.name, limit)
		return ""
	}
}

// ResidentBytes is its memory as the kernel counts it: at present, and at most so far in this
// life.
func (p *Process) ResidentBytes() (now, most int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		p.t.Errorf("memory of %s: %v", p.name, err)
	}
	return statusKilobytes(status, "VmRSS:") * 1024, statusKilobytes(status, "VmHWM:") * 1024
}

func statusKilobytes(status []byte, name string) int64 {
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == name {
			kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes
		}
	}
	return 0
}

// Log is what it has written in all its lives.
func (p *Process) Log() string {
	text, err := os.ReadFile(p.log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		p.t.Error(err)
	}
	return string(text)
}

func (p *Process) current() *run {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.run
}

func (r *run) alive() bool {
	select {
	case <-r.ended:
		return false
	default:
		return true
	}
}

// end is the test's: nothing starts any more.
func (p *Process) end() {
	p.lock.Lock()
	p.forbidden, p.keep = true, false
	p.lock.Unlock()
	if p.current() == nil {
		return
	}
	if p.t.Failed() {
		lines := bytes.Split(bytes.TrimSpace([]byte(p.Log())), []byte("\n"))
		p.t.Logf("last lines of %s:\n%s", p.log, bytes.Join(lines[max(0, len(lines)-tailLines):], []byte("\n")))
	}
	p.Kill()
}

// The kernel sends Pdeathsig when the thread that started the child ends, so one that lasts
// starts them all.
var starter = sync.OnceValue(func() chan func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for do := range work {
			do()
		}
	}()
	return work
})

func onStarterThread(start func() error) error {
	result := make(chan error)
	starter() <- func() { result <- start() }
	return <-result
}
