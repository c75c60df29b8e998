// Package rig runs services and gateways of a test's own against the infrastructure of
// LOCAL_DIR (deploy/local/up.sh infra: Postgres x2, RabbitMQ), and strikes either. A test
// reads top-down:
//
//	system := rig.Start(t, rig.Options{Payments: rig.Setup{Copies: 2}})
//	payers := system.NewPayers(20, 1000)
//	load := system.StartLoad(rig.Load{Payers: payers, Amount: 7, PerSecond: 100, Duration: 3 * time.Second})
//	system.Payments.Copies[0].Kill()
//	system.Payments.Copies[0].Start()
//	system.Audit(payers, load.Wait().Accepted)
//
// What goes wrong in the rig fails the test; methods may be called beside the test's own
// goroutine unless they say otherwise. At the test's end all processes are killed, the
// infrastructure is brought back, and a test that failed shows the last lines of each log.
package rig

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"orderspayments/tests/support"
)

// StartTimeout is from a start to health, and from a strike on the infrastructure to its
// taking clients again.
const StartTimeout = 2 * time.Minute

// Env are settings, by name. An empty value is one that is not set.
type Env map[string]string

// Setup is how a service is run. Env and GatewayEnv come before the rig's own settings.
type Setup struct {
	Copies     int  // 1 unless given, each with a gateway
	Spread     bool // all copies behind the first one's gateway, which spreads its calls over them
	Env        Env  // of each copy of the service
	GatewayEnv Env  // of each gateway
}

// Options are how a system is run. The zero value is one copy of each.
type Options struct {
	Orders, Payments Setup
}

// System is what one test runs and strikes.
type System struct {
	Orders, Payments                 *Service
	OrdersDatabase, PaymentsDatabase *Infrastructure
	Broker                           *Broker

	t testing.TB
}

// Main is TestMain's body for tests of this rig.
func Main(m *testing.M) int {
	if err := ready(); err != nil {
		os.Stderr.WriteString("The infrastructure is not there (LOCAL_DIR=.. deploy/local/up.sh infra): " + err.Error() + "\n")
		return 1
	}
	return m.Run()
}

func ready() error {
	if localDir == "" {
		return errors.New("LOCAL_DIR must name what these tests may strike")
	}
	ctx, cancel := context.WithTimeout(context.Background(), StartTimeout)
	defer cancel()
	return errors.Join(support.DatabaseAccepts(ctx, support.OrdersDatabase),
		support.DatabaseAccepts(ctx, support.PaymentsDatabase), support.BrokerAccepts())
}

// Start runs a system and returns when all of it is healthy. It must be called on the
// test's goroutine.
func Start(t testing.TB, options Options) *System {
	t.Helper()
	system := Prepare(t, options)
	system.Start()
	return system
}

// Prepare is a system of which nothing runs yet. It must be called on the test's goroutine.
func Prepare(t testing.TB, options Options) *System {
	t.Helper()
	logs := filepath.Join(localDir, "logs", "rig", filepath.FromSlash(t.Name()))
	sockets, err := os.MkdirTemp("", "rig")
	if err == nil {
		err = errors.Join(os.RemoveAll(logs), os.MkdirAll(logs, 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	system := &System{
		OrdersDatabase:   &Infrastructure{t: t, part: "infrastructure:postgres-orders", accepts: databaseAccepts(support.OrdersDatabase)},
		PaymentsDatabase: &Infrastructure{t: t, part: "infrastructure:postgres-payments", accepts: databaseAccepts(support.PaymentsDatabase)},
		Broker:           &Broker{&Infrastructure{t: t, part: "infrastructure:rabbitmq", accepts: brokerAccepts}},
		t:                t,
	}
	// Comes after the end of the processes, whose clean-up is set later.
	t.Cleanup(system.mend)
	places := places{logs: logs, sockets: sockets}
	system.Orders = newService(t, "orders", options.Orders, places)
	system.Payments = newService(t, "payments", options.Payments, places)
	return system
}

// Start runs what does not run yet, and returns when all is healthy. It must be called on
// the test's goroutine.
func (s *System) Start() {
	s.t.Helper()
	s.Payments.Start()
	s.Orders.Start()
	s.AwaitHealthy()
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// AwaitHealthy waits for every copy of both services, and their gateways.
func (s *System) AwaitHealthy() {
	s.t.Helper()
	s.Payments.AwaitHealthy()
	s.Orders.AwaitHealthy()
}

// mend leaves the infrastructure to the next test as it found it.
func (s *System) mend() {
	for _, part := range []*Infrastructure{s.OrdersDatabase, s.PaymentsDatabase, s.Broker.Infrastructure} {
		part.mend()
	}
}

var localDir = support.Setting("LOCAL_DIR", "")

// programs is where the services and the gateway are built.
var programs = support.Setting("PROGRAMS_DIR", filepath.Join(Checkout(), "build", "release"))

// Checkout is the folder of go.mod, at or above where the tests run.
func Checkout() string {
	folder, err := os.Getwd()
	for err == nil && folder != "/" {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		folder = filepath.Dir(folder)
	}
	return "."
}
