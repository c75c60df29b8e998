package chaos

import (
	"fmt"
	"net"
	"net/url"
	"testing"

	"orderspayments/tests/chaos/journal"
	"orderspayments/tests/chaos/schedule"
	"orderspayments/tests/fault/proxy"
	"orderspayments/tests/fault/rig"
	"orderspayments/tests/support"
)

// settings have the services look sooner than they do in operation for what nothing tells them:
// a run is over in minutes. The sweeper comes later than any part is away: it is to help where
// messages were destroyed, and nowhere else; and so soon that what was destroyed a minute before
// the end is settled in time.
var settings = rig.Env{
	"DECLARE_INTERVAL_MS":      "3000",
	"SWEEP_OVERTAKEN_AFTER_MS": "40000",
	"SWEEP_WAITING_AFTER_MS":   "60000",
}

// system is one copy of each part, with a proxy in each link of a service.
type system struct {
	*rig.System
	processes      map[string]*rig.Process
	infrastructure map[string]*rig.Infrastructure
	links          map[string]*proxy.Proxy
}

// startSystem must be called on the test's goroutine.
func startSystem(t *testing.T) *system {
	t.Helper()
	s := &system{links: map[string]*proxy.Proxy{}}
	s.System = rig.Start(t, rig.Options{
		Orders:   rig.Setup{Env: s.behindProxies(t, "orders", schedule.OrdersToDatabase, schedule.OrdersToBroker)},
		Payments: rig.Setup{Env: s.behindProxies(t, "payments", schedule.PaymentsToDatabase, schedule.PaymentsToBroker)},
	})
	orders, payments := s.Orders.Copies[0], s.Payments.Copies[0]
	s.processes = map[string]*rig.Process{
		schedule.OrdersService: orders.Process, schedule.OrdersGateway: orders.Gateway,
		schedule.PaymentsService: payments.Process, schedule.PaymentsGateway: payments.Gateway,
	}
	for _, process := range s.processes {
		process.KeepRunning()
	}
	s.infrastructure = map[string]*rig.Infrastructure{
		schedule.OrdersPostgres: s.OrdersDatabase, schedule.PaymentsPostgres: s.PaymentsDatabase, schedule.Broker: s.Broker.Infrastructure,
	}
	return s
}

// behindProxies are the settings of a service that reaches database and broker through them.
func (s *system) behindProxies(t *testing.T, service, toDatabase, toBroker string) rig.Env {
	t.Helper()
	broker, err := url.Parse(support.BrokerURL(service))
	if err != nil {
		t.Fatal(err)
	}
	s.link(t, toDatabase, net.JoinHostPort("127.0.0.1", support.DatabasePort(service)))
	s.link(t, toBroker, broker.Host)
	broker.Host = fmt.Sprintf("127.0.0.1:%d", s.links[toBroker].Port())
	env := rig.Env{
		"DATABASE_URL": rig.DatabaseURL(service, fmt.Sprint(s.links[toDatabase].Port())),
		"AMQP_URL":     broker.String(),
	}
	for name, value := range settings {
		env[name] = value
	}
	return env
}

func (s *system) link(t *testing.T, name, target string) {
	t.Helper()
	link, err := proxy.Start(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(link.Close)
	s.links[name] = link
}

// urls are those of the gateways.
func (s *system) urls() map[journal.Service]string {
	return map[journal.Service]string{
		journal.Orders: s.Orders.Copies[0].URL, journal.Payments: s.Payments.Copies[0].URL,
	}
}

// heal takes every strike back that can still be felt, and returns when all is healthy.
func (s *system) heal() {
	for _, link := range s.links {
		link.Heal()
	}
	for _, part := range s.infrastructure {
		part.Thaw()
		part.AwaitUp()
	}
	for _, process := range s.processes {
		process.Thaw()
	}
	s.AwaitHealthy()
}
