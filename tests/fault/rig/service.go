package rig

import (
	"context"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderspayments/tests/support"
)

// places are the folders of one test.
type places struct{ logs, sockets string }

// Service is all copies of orders-service or payments-service. Its own methods are for all
// of them at once.
type Service struct {
	Copies []*Copy
	spread bool
}

// Copy is one process of a service, and the gateway before it.
type Copy struct {
	*Process
	Gateway *Process

	// URL is of the gateway, GRPC and Metrics are host:port of the service.
	URL, GRPC, Metrics string
}

func newService(t testing.TB, name string, setup Setup, places places) *Service {
	t.Helper()
	service := &Service{spread: setup.Spread}
	for number := range max(1, setup.Copies) {
		service.Copies = append(service.Copies, newCopy(t, name, number+1, setup, places))
	}
	return service
}

func newCopy(t testing.TB, name string, number int, setup Setup, places places) *Copy {
	t.Helper()
	socketOf := func(number int) string {
		return filepath.Join(places.sockets, fmt.Sprintf("%s-%d.sock", name, number))
	}
	targets := []string{"unix:" + socketOf(number)}
	if setup.Spread {
		targets = nil
		for each := range setup.Copies {
			targets = append(targets, "unix:"+socketOf(each+1))
		}
	}
	url := FreeAddress(t)
	copied := &Copy{URL: "http://" + url, GRPC: FreeAddress(t), Metrics: FreeAddress(t)}
	env := Env{
		"GRPC_LISTEN":    copied.GRPC,
		"GRPC_SOCKET":    socketOf(number),
		"METRICS_LISTEN": copied.Metrics,
		"DATABASE_URL":   DatabaseURL(name, support.DatabasePort(name)),
		"AMQP_URL":       support.BrokerURL(name),
	}
	gatewayEnv := Env{
		"BACKEND":        name,
		"HTTP_LISTEN":    url,
		"METRICS_LISTEN": FreeAddress(t),
		"GRPC_TARGET":    strings.Join(targets, ","),
	}
	maps.Copy(env, setup.Env)
	maps.Copy(gatewayEnv, setup.GatewayEnv)
	process := func(kind, program string, env Env) *Process {
		title := fmt.Sprintf("%s-%s-%d", name, kind, number)
		return newProcess(t, title, filepath.Join(programs, program), filepath.Join(places.logs, title+".log"), env)
	}
	copied.Process = process("service", filepath.Join(name, name+"-service"), env)
	copied.Gateway = process("gateway", filepath.Join("gateway", "gateway"), gatewayEnv)
	return copied
}

// DatabaseURL is what the service ("orders" or "payments") is given to reach its database at
// a port of this machine: the database's own, or that of something in between.
func DatabaseURL(service, port string) string {
	user := service + "_service"
	return fmt.Sprintf("host=127.0.0.1 port=%s dbname=%s user=%s password=%s", port, service, user,
		support.Setting(strings.ToUpper(user)+"_PASSWORD", user))
}

// Start starts what does not run, services and gateways, and waits for nothing.
func (s *Service) Start() {
	for _, each := range s.Copies {
		for _, process := range []*Process{each.Process, each.Gateway} {
			if process.PID() == 0 {
				process.Start()
			}
		}
	}
}

// Set changes a setting of every copy's service, for its next start.
func (s *Service) Set(name, value string) {
	for _, each := range s.Copies {
		each.Set(name, value)
	}
}

// Kill kills every copy's service; the gateways live.
func (s *Service) Kill() {
	for _, each := range s.Copies {
		each.Kill()
	}
}

// AwaitHealthy waits until every copy can serve.
func (s *Service) AwaitHealthy() {
	for _, each := range s.Copies {
		each.AwaitHealthy()
	}
}

// URLs are those of the gateways; of the first alone where that one spreads its calls.
func (s *Service) URLs() []string {
	if s.spread {
		return []string{s.Copies[0].URL}
	}
	var urls []string
	for _, each := range s.Copies {
		urls = append(urls, each.URL)
	}
	return urls
}

// Metric is the sum over all copies, see Copy.Metric.
func (s *Service) Metric(series string) float64 {
	sum := 0.0
	for _, each := range s.Copies {
		sum += each.Metric(series)
	}
	return sum
}

// ScrapeMetric is Metric for one who copes with copies that do not answer.
func (s *Service) ScrapeMetric(ctx context.Context, series string) (float64, error) {
	sum := 0.0
	for _, each := range s.Copies {
		value, err := each.ScrapeMetric(ctx, series)
		if err != nil {
			return 0, err
		}
		sum += value
	}
	return sum, nil
}

// AwaitHealthy waits until the gateway says that the service can serve, and the service that
// it has the broker.
func (c *Copy) AwaitHealthy() {
	c.t.Helper()
	start := time.Now()
	err := support.Within(c.t.Context(), StartTimeout, c.healthy)
	if err != nil {
		c.t.Errorf("%s, after %v: %v", c.name, time.Since(start).Round(time.Millisecond), err)
	}
}

func (c *Copy) healthy(ctx context.Context) error {
	if err := support.Healthy(ctx, c.URL); err != nil {
		return err
	}
	serving, err := c.ScrapeMetric(ctx, `health_serving{name="broker"}`)
	if err == nil && serving != 1 {
		err = fmt.Errorf("%s has no broker", c.name)
	}
	return err
}

// Metric is the sum of the service's series whose name, with the beginning of its labels,
// begins so: `inbox_events_applied_total`, `rpc_calls_total{method="CreateOrder"`.
func (c *Copy) Metric(series string) float64 {
	c.t.Helper()
	value, err := c.ScrapeMetric(c.t.Context(), series)
	if err != nil {
		c.t.Errorf("metric %s of %s: %v", series, c.name, err)
	}
	return value
}

// ScrapeMetric is Metric for one who copes with a service that does not answer.
func (c *Copy) ScrapeMetric(ctx context.Context, series string) (float64, error) {
	return support.Metric(ctx, c.Metrics, series)
}

// FreeAddress is on loopback. What is killed finds it free when it starts again.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range portsLast - portsFirst {
		address := fmt.Sprintf("127.0.0.1:%d", <-ports())
		if listener, err := net.Listen("tcp", address); err == nil {
			listener.Close()
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}
