package rig

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
)

// Broker is RabbitMQ.
type Broker struct {
	*Infrastructure
}

// Control is rabbitmqctl, and gives what it says. What it changes it changes for this life of
// the broker alone, or the test changes it back.
func (b *Broker) Control(arguments ...string) string {
	b.t.Helper()
	script := filepath.Join(Checkout(), "deploy", "local", "rabbitmq.sh")
	// Also when the test is over.
	command := exec.CommandContext(context.WithoutCancel(b.t.Context()), script, append([]string{"control", "-q"}, arguments...)...)
	output, err := command.CombinedOutput()
	if err != nil {
		b.t.Errorf("rabbitmqctl %v: %v: %s", arguments, err, output)
	}
	return strings.TrimSpace(string(output))
}

// Wipe takes everything that it stored. It must be stopped.
func (b *Broker) Wipe() {
	b.t.Helper()
	b.run("rm", "-rf", b.store())
}

// KeepCopy copies what it stored to a place from which RestoreCopy takes it. It must be frozen
// or stopped.
func (b *Broker) KeepCopy() {
	b.t.Helper()
	b.run("rm", "-rf", b.storeCopy())
	b.run("cp", "-a", b.store(), b.storeCopy())
	b.t.Cleanup(func() { b.run("rm", "-rf", b.storeCopy()) })
}

// RestoreCopy makes it forget all that happened since KeepCopy. It must be stopped.
func (b *Broker) RestoreCopy() {
	b.t.Helper()
	b.Wipe()
	b.run("cp", "-a", b.storeCopy(), b.store())
}

func (b *Broker) store() string { return filepath.Join(localDir, "data", "rabbitmq", "mnesia") }

func (b *Broker) storeCopy() string { return b.store() + "-copy" }

func (b *Broker) run(program string, arguments ...string) {
	b.t.Helper()
	if output, err := exec.Command(program, arguments...).CombinedOutput(); err != nil {
		b.t.Errorf("%s %v: %v: %s", program, arguments, err, output)
	}
}
