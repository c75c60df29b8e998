package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"orderspayments/tests/bench/generator"
	"orderspayments/tests/bench/report"
	"orderspayments/tests/support"
)

// yardstickDatabase is on the server of orders, whose settings it shares. Its tables are made by
// the same migrations.
const yardstickDatabase = "bench_yardstick"

// superuserURL is for a database on the server of "orders" or "payments".
func (b *bench) superuserURL(server, database string) string {
	return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%s/%s?sslmode=disable", b.superuserPassword, support.DatabasePort(server), database)
}

func (b *bench) createYardstick(ctx context.Context) error {
	err := execute(ctx, b.superuserURL("orders", "postgres"), `CREATE DATABASE `+yardstickDatabase)
	if err != nil {
		return err
	}
	for version := 1; ; version++ {
		files, err := filepath.Glob(fmt.Sprintf("migrations/orders/V%d__*.sql", version))
		if err != nil {
			return err
		}
		if len(files) == 0 {
			break
		}
		migration, err := os.ReadFile(files[0])
		if err == nil {
			err = execute(ctx, b.superuserURL("orders", yardstickDatabase), strings.ReplaceAll(string(migration), "${service_role}", "orders_service"))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", files[0], err)
		}
	}
	// Its statements have one plan only: to plan each time would make it slower, and easier to beat.
	return execute(ctx, b.superuserURL("orders", "postgres"), `ALTER DATABASE `+yardstickDatabase+` RESET plan_cache_mode`)
}

// execute runs statements on a connection of their own.
func execute(ctx context.Context, url, statements string) error {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = connection.PgConn().Exec(ctx, statements).ReadAll()
	return errors.Join(err, connection.Close(ctx))
}

func (b *bench) pgbench(script string, clients int, duration time.Duration) generator.Pgbench {
	return generator.Pgbench{
		Environment: []string{
			"PGHOST=127.0.0.1", "PGPORT=" + support.DatabasePort("orders"), "PGDATABASE=" + yardstickDatabase,
			"PGUSER=postgres", "PGPASSWORD=" + b.superuserPassword,
		},
		Script: filepath.Join("tests/bench", script), Clients: clients, Duration: duration,
	}
}

// yardstick is the natural transaction, an order and its event, as fast as this machine makes
// it now: how many a second, and the CPU time of one, pgbench's own included.
func (b *bench) yardstick(ctx context.Context, figures report.Figures) error {
	if err := execute(ctx, b.superuserURL("orders", yardstickDatabase), `TRUNCATE orders, outbox`); err != nil {
		return err
	}
	var made generator.Transactions
	used, err := b.use(func() (err error) {
		made, err = b.pgbench("create_order.sql", yardstickClients, b.pace.yardstick).Run(ctx)
		return err
	})
	if err != nil {
		return err
	}
	cpu := (used["infrastructure:postgres-orders"] + made.CPU) / time.Duration(made.Done)
	figures[yardstickPerSecond] = made.PerSecond
	figures[yardstickCPU] = float64(cpu.Microseconds())
	b.say("  pgbench: %.0f transactions/s, %d us each", made.PerSecond, cpu.Microseconds())
	return nil
}
