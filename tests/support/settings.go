// Package support is what the tests of a running system share: where the system is, a
// client of its API, a load, and an audit of what must hold afterwards.
package support

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Where the system is; the names are those of deploy/local/settings.sh, the URLs those
// that every test of a running system reads.
var (
	OrdersURL   = Setting("ORDERS_URL", "http://127.0.0.1:8080")
	PaymentsURL = Setting("PAYMENTS_URL", "http://127.0.0.1:8081")

	OrdersDatabase   = databaseURL("orders")
	PaymentsDatabase = databaseURL("payments")
)

// Setting is the environment's value, without a trailing slash, or the fallback.
func Setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return strings.TrimSuffix(value, "/")
	}
	return fallback
}

// PositiveSetting is a whole number of the environment, or the fallback.
func PositiveSetting(name string, fallback int) (int, error) {
	value, err := strconv.Atoi(Setting(name, strconv.Itoa(fallback)))
	if err != nil || value <= 0 {
		return 0, fmt.Errorf("%s must be a positive whole number", name)
	}
	return value, nil
}

// databaseURL logs in as the service does: to look needs no more rights than to serve.
func databaseURL(service string) string {
	user := service + "_service"
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%s/%s?sslmode=disable&connect_timeout=5",
		user, Setting(strings.ToUpper(user)+"_PASSWORD", user), DatabasePort(service), service)
}

// DatabasePort is that of the database of "orders" or "payments".
func DatabasePort(service string) string {
	return Setting(strings.ToUpper(service)+"_DB_PORT", map[string]string{"orders": "5433", "payments": "5434"}[service])
}

// BrokerURL is by which "orders" or "payments" logs in at the broker.
func BrokerURL(service string) string {
	return fmt.Sprintf("amqp://%s:%s@127.0.0.1:%s/", service,
		Setting(strings.ToUpper(service)+"_AMQP_PASSWORD", service), Setting("AMQP_PORT", "5672"))
}
