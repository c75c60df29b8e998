package audit

import (
	"fmt"
	"strings"
)

// Sources are where a system is read.
type Sources struct {
	// OrdersDatabase and PaymentsDatabase are libpq's connection strings, or URLs.
	OrdersDatabase, PaymentsDatabase string
	// Broker is an AMQP URL.
	Broker string
}

// SourcesOf reads the settings of deploy/local/settings.sh, with their defaults. The auditor
// of the databases may read everything, the operator of the broker sees dead letters.
func SourcesOf(getenv func(string) string) Sources {
	setting := func(name, fallback string) string {
		if value := getenv(name); value != "" {
			return strings.TrimSpace(value)
		}
		return fallback
	}
	database := func(name, port string) string {
		return fmt.Sprintf("postgres://auditor:%s@127.0.0.1:%s/%s?sslmode=disable&connect_timeout=5",
			setting("AUDITOR_PASSWORD", "auditor"), setting(strings.ToUpper(name)+"_DB_PORT", port), name)
	}
	return Sources{
		OrdersDatabase:   database("orders", "5433"),
		PaymentsDatabase: database("payments", "5434"),
		Broker: fmt.Sprintf("amqp://operator:%s@127.0.0.1:%s/",
			setting("OPERATOR_AMQP_PASSWORD", "operator"), setting("AMQP_PORT", "5672")),
	}
}
