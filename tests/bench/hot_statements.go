package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"orderspayments/tests/bench/report"
)

// hotStatement is one of those that an order or a read needs, in the service's own words.
type hotStatement struct {
	server, source, name string
	arguments            func(batch) []any
}

// batch is what the statements are explained for: orders and who made them.
type batch struct{ ids, users []string }

// of repeats a value for each order of the batch.
func of[T any](b batch, value T) []T { return slices.Repeat([]T{value}, len(b.ids)) }

const (
	ordersStore   = "orders/store/orders_store.cc"
	accountsStore = "payments/store/accounts_store.cc"
	paymentsStore = "payments/store/payments_store.cc"
)

var hotStatements = []hotStatement{
	{"orders", ordersStore, "orders_settle_new_orders", func(b batch) []any {
		return []any{b.ids, b.users, of(b, int64(price)), of(b, "FINISHED"), of[*string](b, nil)}
	}},
	{"orders", ordersStore, "orders_select_order", func(b batch) []any { return []any{b.ids[0], b.users[0]} }},
	{"orders", ordersStore, "orders_select_orders", func(b batch) []any { return []any{b.users[0], b.ids[0], pageOrders} }},
	{"payments", accountsStore, "payments_lock_accounts", func(b batch) []any { return []any{b.users} }},
	{"payments", accountsStore, "payments_select_holdings", func(b batch) []any { return []any{b.users} }},
	{"payments", accountsStore, "payments_select_balance", func(b batch) []any { return []any{b.users[0]} }},
	{"payments", paymentsStore, "payments_select_payments", func(b batch) []any { return []any{b.ids} }},
}

// explain tells what part of the hot statements reads no table from end to end.
func (b *bench) explain(ctx context.Context, figures report.Figures, users []string) error {
	sample := batch{users: users}
	for _, user := range users {
		var id string
		if err := b.orders.QueryRow(ctx, `SELECT id::text FROM orders WHERE user_id = $1 ORDER BY id DESC LIMIT 1`, user).Scan(&id); err != nil {
			return fmt.Errorf("an order of %s: %w", user, err)
		}
		sample.ids = append(sample.ids, id)
	}
	indexed := 0
	for _, statement := range hotStatements {
		plan, err := b.plan(ctx, statement, sample)
		if err != nil {
			return fmt.Errorf("%s: %w", statement.name, err)
		}
		if strings.Contains(plan, "Seq Scan") {
			b.say("  %s reads a table from end to end:\n%s", statement.name, plan)
		} else {
			indexed++
		}
	}
	figures[grownPlans] = float64(indexed) / float64(len(hotStatements))
	return nil
}

func (b *bench) plan(ctx context.Context, statement hotStatement, sample batch) (string, error) {
	source, err := os.ReadFile(statement.source)
	if err != nil {
		return "", err
	}
	sql, err := statementOf(string(source), statement.name)
	if err != nil {
		return "", err
	}
	connection, err := pgx.Connect(ctx, b.superuserURL(statement.server, statement.server))
	if err != nil {
		return "", err
	}
	defer connection.Close(ctx)
	rows, err := connection.Query(ctx, `EXPLAIN (COSTS off) `+sql, statement.arguments(sample)...)
	if err != nil {
		return "", err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return strings.Join(lines, "\n"), err
}

// sqlPart is a raw string, a string, a macro of a column, or one of columns.
var sqlPart = regexp.MustCompile(`(?s)R"sql\((.*?)\)sql"|"(.*?)"|[A-Z_]+\("(\w+)"\)|([A-Z_]+)`)

// statementOf is a statement's SQL as a C++ source has it. Macros of columns, which have no
// part in how a statement is planned, become columns without them.
func statementOf(source, name string) (string, error) {
	_, rest, found := strings.Cut(source, `{"`+name+`",`)
	if !found {
		_, rest, found = strings.Cut(source, "{\n    \""+name+`",`)
	}
	body, _, ended := strings.Cut(rest, "};")
	if !found || !ended {
		return "", fmt.Errorf("there is no statement of that name")
	}
	var sql strings.Builder
	for _, part := range sqlPart.FindAllStringSubmatch(body, -1) {
		switch {
		case part[4] != "":
			sql.WriteString("*")
		default:
			sql.WriteString(part[1] + part[2] + part[3])
		}
	}
	return sql.String(), nil
}
