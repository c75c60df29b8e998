// Package grown loads the books of years at once, as the services would have left them:
// orders that are settled, their decisions, accounts and the ledger of both.
package grown

import (
	"fmt"
	"strings"
	"time"
)

// Books are so many orders, half of them of the busy accounts in turn, the others of the
// others. Each account was topped up once.
type Books struct {
	Orders, Accounts int
	Busy             int // of the accounts
	Money            int // paid into each account; an order costs 1
	// End is when the last of it happened.
	End time.Time
}

// userPrefix is of users that nobody else has.
const userPrefix = "grown-"

// BusyUsers are so many of the busy ones, all if there are less, spread over all of them.
func (b Books) BusyUsers(count int) []string { return spread(0, b.Busy, count) }

// Users are so many, half of them busy.
func (b Books) Users(count int) []string {
	busy, others := b.BusyUsers(count/2), spread(b.Busy, b.Accounts-b.Busy, count/2)
	var users []string
	for i := range max(len(busy), len(others)) {
		users = append(users, busy[i%len(busy)], others[i%len(others)])
	}
	return users
}

func spread(first, size, count int) []string {
	count = min(size, count)
	users := make([]string, count)
	for i := range users {
		users[i] = fmt.Sprint(userPrefix, first+i*size/count)
	}
	return users
}

// An order's number i tells its account, the how manieth of that account it is, and, one a
// millisecond, when it was made; ids are made of both, so that they are ordered by time.
const past = `
	SELECT (lpad(to_hex(%[5]d + i), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid AS id,
	       '%[6]s' || CASE i %% 2 WHEN 0 THEN i / 2 %% %[3]d ELSE %[3]d + i / 2 %% (%[2]d - %[3]d) END AS user_id,
	       i / 2 / CASE i %% 2 WHEN 0 THEN %[3]d ELSE %[2]d - %[3]d END + 1 AS nth,
	       to_timestamp((%[5]d + i) / 1000.0) AS create_time
	  FROM generate_series(0, %[1]d - 1) AS i`

// statements by server and table; what fills one table needs no other.
var statements = map[string]map[string]string{
	"orders": {
		"orders": `
	INSERT INTO orders (id, user_id, amount, description, status, create_time, update_time)
	SELECT id, user_id, 1, 'load', 'FINISHED', create_time, create_time FROM (` + past + `) AS past`,
	},
	"payments": {
		"payment_transactions": `
	INSERT INTO payment_transactions (order_id, user_id, amount, outcome, create_time)
	SELECT id, user_id, 1, 'SUCCEEDED', create_time FROM (` + past + `) AS past`,
		"ledger_entries": `
	INSERT INTO ledger_entries (id, user_id, entry_number, kind, amount, balance_after, create_time)
	SELECT id, user_id, 1, 'TOP_UP', %[4]d, %[4]d, create_time FROM (` + opened + `) AS opened;
	INSERT INTO ledger_entries (id, user_id, entry_number, kind, amount, balance_after, order_id, create_time)
	SELECT id, user_id, nth + 1, 'CHARGE', 1, %[4]d - nth, id, create_time FROM (` + past + `) AS past`,
		"accounts": `
	INSERT INTO accounts (user_id, id, create_time)
	SELECT user_id, id, create_time FROM (` + opened + `) AS opened`,
	},
}

// Accounts, numbered a, were opened one a millisecond before the first order.
const opened = `
	SELECT (lpad(to_hex(%[5]d - %[2]d + a), 12, '0') || '70009000' || lpad(to_hex(a), 12, '0'))::uuid AS id,
	       '%[6]s' || a AS user_id,
	       to_timestamp((%[5]d - %[2]d + a) / 1000.0) AS create_time
	  FROM generate_series(0, %[2]d - 1) AS a`

// Statements fill the tables, named by the server that they are on.
func (b Books) Statements() map[string]map[string]string {
	firstMilli := b.End.UnixMilli() - int64(b.Orders)
	filled := map[string]map[string]string{}
	for server, tables := range statements {
		filled[server] = map[string]string{}
		for table, statement := range tables {
			filled[server][table] = strings.TrimSpace(fmt.Sprintf(statement, b.Orders, b.Accounts, b.Busy, b.Money, firstMilli, userPrefix))
		}
	}
	return filled
}
