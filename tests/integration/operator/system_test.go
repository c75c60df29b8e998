// Package operator tests the operator's commands on real servers: on copies of the two
// databases' schemas and a virtual host of its own, beside whatever else the servers hold.
// Settings are those of package support.
package operator

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"orderspayments/deploy/operator/audit"
	"orderspayments/tests/support"
)

const setUpTimeout = time.Minute

// The copies, and how the operator and the superusers reach them.
var (
	sources          audit.Sources
	orders, payments *pgx.Conn
	broker           *amqp.Connection
)

func TestMain(m *testing.M) {
	ctx, cancel := context.WithTimeout(context.Background(), setUpTimeout)
	defer cancel()
	name := "operator_" + strings.ToLower(rand.Text())
	tearDown, err := setUp(ctx, name)
	code := 1
	if err == nil {
		code = m.Run()
	}
	if err := errors.Join(err, tearDown()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func setUp(ctx context.Context, name string) (tearDown func() error, err error) {
	var undo []func() error
	tearDown = func() error {
		var failed error
		for i := len(undo) - 1; i >= 0; i-- {
			failed = errors.Join(failed, undo[i]())
		}
		return failed
	}
	for service, copied := range map[string]**pgx.Conn{"orders": &orders, "payments": &payments} {
		undo = append(undo, func() error { return dropDatabase(service, name) })
		if *copied, err = copyDatabase(ctx, service, name); err != nil {
			return tearDown, err
		}
		undo = append(undo, func() error { return (*copied).Close(context.Background()) })
	}
	undo = append(undo, func() error { return manage(http.MethodDelete, "vhosts/"+name, "") })
	if broker, err = createVirtualHost(name); err != nil {
		return tearDown, err
	}
	undo = append(undo, broker.Close)

	sources = audit.SourcesOf(os.Getenv)
	sources.OrdersDatabase = strings.Replace(sources.OrdersDatabase, "/orders?", "/"+name+"?", 1)
	sources.PaymentsDatabase = strings.Replace(sources.PaymentsDatabase, "/payments?", "/"+name+"?", 1)
	sources.Broker += name
	return tearDown, nil
}

func superuserURL(service, database string) string {
	return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%s/%s?sslmode=disable",
		support.Setting("POSTGRES_PASSWORD", "postgres"), support.DatabasePort(service), database)
}

// copyDatabase copies a schema without what it demands of its rows, which would refuse most
// of what the audit has to notice.
func copyDatabase(ctx context.Context, service, name string) (*pgx.Conn, error) {
	if err := execute(ctx, superuserURL(service, "postgres"), "CREATE DATABASE "+name); err != nil {
		return nil, err
	}
	var schema, complaint bytes.Buffer
	dump := exec.CommandContext(ctx, "pg_dump", "--schema-only", "--dbname="+superuserURL(service, service))
	dump.Stdout, dump.Stderr = &schema, &complaint
	if err := dump.Run(); err != nil {
		return nil, fmt.Errorf("pg_dump: %w: %s", err, &complaint)
	}
	restore := exec.CommandContext(ctx, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname="+superuserURL(service, name))
	restore.Stdin = &schema
	if output, err := restore.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("psql: %w: %s", err, output)
	}
	if err := execute(ctx, superuserURL(service, name), dropDemands); err != nil {
		return nil, err
	}
	return pgx.Connect(ctx, superuserURL(service, name))
}

const dropDemands = `
	DO $$
	DECLARE demand record;
	BEGIN
		FOR demand IN SELECT conrelid::regclass AS name, conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'p', 'u') LOOP
			EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', demand.name, demand.conname);
		END LOOP;
	END $$`

func dropDatabase(service, name string) error {
	return execute(context.Background(), superuserURL(service, "postgres"), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

func execute(ctx context.Context, url, statement string) error {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	_, err = connection.Exec(ctx, statement)
	return err
}

// createVirtualHost gives the operator what deploy/rabbitmq gives it in "/".
func createVirtualHost(name string) (*amqp.Connection, error) {
	err := errors.Join(
		manage(http.MethodPut, "vhosts/"+name, ""),
		manage(http.MethodPut, "permissions/"+name+"/guest", `{"configure":".*","write":".*","read":".*"}`),
		manage(http.MethodPut, "permissions/"+name+"/operator", `{"configure":"^$","write":"^amq\\.default$","read":"\\.dlq$"}`),
	)
	if err != nil {
		return nil, err
	}
	return amqp.Dial(fmt.Sprintf("amqp://guest:%s@127.0.0.1:%s/%s",
		support.Setting("RABBITMQ_GUEST_PASSWORD", "guest"), support.Setting("AMQP_PORT", "5672"), name))
}

func manage(method, path, body string) error {
	address := url.URL{
		Scheme: "http", Host: "127.0.0.1:" + support.Setting("RABBITMQ_UI_PORT", "15672"), Path: "/api/" + path,
		User: url.UserPassword("guest", support.Setting("RABBITMQ_GUEST_PASSWORD", "guest")),
	}
	request, err := http.NewRequest(method, address.String(), strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	return nil
}
