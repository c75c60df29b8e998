package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ledgerClaim holds at every instant: the payments database changes whole by whole.
type ledgerClaim struct {
	invariant, claim string
	// checked counts what the claim is about.
	checked string
	// broken yields a line for each breach.
	broken string
}

// newestBalances are those of users who have a ledger.
const newestBalances = `
	SELECT DISTINCT ON (user_id) user_id, balance_after AS balance
	FROM ledger_entries ORDER BY user_id, entry_number DESC`

var ledgerClaims = []ledgerClaim{
	{
		"I3", "an order is charged at most once",
		`SELECT count(*) FROM ledger_entries WHERE kind = 'CHARGE'`,
		`SELECT format('%s is charged %s times', order_id, count(*))
		FROM ledger_entries WHERE kind = 'CHARGE' GROUP BY order_id HAVING count(*) > 1`,
	},
	{
		"I3", "what is charged is what was decided",
		`SELECT count(*) FROM payment_transactions WHERE outcome = 'SUCCEEDED'`,
		`SELECT CASE WHEN decision.order_id IS NULL
		        THEN format('%s of %s is charged %s, which was not decided', entry.order_id, entry.user_id, entry.amount)
		        ELSE format('%s of %s is to be charged %s, and is not', decision.order_id, decision.user_id, decision.amount) END
		FROM (SELECT order_id, user_id, amount FROM payment_transactions WHERE outcome = 'SUCCEEDED') decision
		FULL JOIN (SELECT order_id, user_id, amount FROM ledger_entries WHERE kind = 'CHARGE') entry
		ON entry.order_id = decision.order_id AND entry.user_id = decision.user_id AND entry.amount = decision.amount
		WHERE entry.order_id IS NULL OR decision.order_id IS NULL`,
	},
	{
		"I5", "a balance is the sum of its ledger, from 0 to 2^53 - 1",
		`SELECT count(*) FROM accounts`,
		`SELECT format('%s has %s, the ledger sums up to %s', coalesce(a.user_id, l.user_id || ', who has no account,'),
		               coalesce(newest.balance, 0), l.amount)
		FROM accounts a
		FULL JOIN (
			SELECT user_id, sum(CASE kind WHEN 'TOP_UP' THEN amount ELSE -amount END) AS amount
			FROM ledger_entries GROUP BY user_id) l ON l.user_id = a.user_id
		LEFT JOIN (` + newestBalances + `) newest ON newest.user_id = l.user_id
		WHERE a.user_id IS NULL OR newest.balance <> l.amount
		   OR newest.balance NOT BETWEEN 0 AND 9007199254740991`,
	},
	{
		"I5", "a balance is what was paid in less the successful payments",
		`SELECT count(*) FROM accounts`,
		`SELECT format('%s has %s, not %s - %s', coalesce(a.user_id, p.user_id), a.balance, t.amount, p.amount)
		FROM (SELECT user_id, coalesce(newest.balance, 0) AS balance
			FROM accounts LEFT JOIN (` + newestBalances + `) newest USING (user_id)) a
		LEFT JOIN (SELECT user_id, sum(amount) AS amount FROM ledger_entries WHERE kind = 'TOP_UP' GROUP BY user_id) t
		ON t.user_id = a.user_id
		FULL JOIN (SELECT user_id, sum(amount) AS amount FROM payment_transactions WHERE outcome = 'SUCCEEDED' GROUP BY user_id) p
		ON p.user_id = a.user_id
		WHERE a.user_id IS NULL OR a.balance <> coalesce(t.amount, 0) - coalesce(p.amount, 0)`,
	},
	{
		"I5", "a ledger entry follows from the one before it",
		`SELECT count(*) FROM ledger_entries`,
		`SELECT format('entry %s of %s leaves %s', entry_number, user_id, balance_after) FROM (
			SELECT user_id, entry_number, balance_after,
			       CASE kind WHEN 'TOP_UP' THEN amount ELSE -amount END AS delta,
			       lag(entry_number, 1, 0) OVER chain AS number_before,
			       lag(balance_after, 1, 0) OVER chain AS balance_before
			FROM ledger_entries
			WINDOW chain AS (PARTITION BY user_id ORDER BY entry_number)) entry
		WHERE entry_number <> number_before + 1 OR balance_after <> balance_before + delta
		   OR balance_after NOT BETWEEN 0 AND 9007199254740991`,
	},
}

func checkLedger(ctx context.Context, payments pgx.Tx, expected Expectation, certificate *Certificate) error {
	for _, claim := range ledgerClaims {
		finding := certificate.add(claim.invariant, claim.claim)
		if err := payments.QueryRow(ctx, claim.checked).Scan(&finding.Checked); err != nil {
			return err
		}
		if err := findBroken(ctx, payments, finding, claim.broken); err != nil {
			return err
		}
	}
	return checkPaidIn(ctx, payments, expected, certificate)
}

// findBroken leaves all but a few lines at the server.
func findBroken(ctx context.Context, database pgx.Tx, finding *Finding, broken string, arguments ...any) error {
	query := fmt.Sprintf(`WITH breach (line) AS MATERIALIZED (%s)
		SELECT (SELECT count(*) FROM breach), ARRAY(SELECT line FROM breach LIMIT %d)`, broken, examplesMax)
	return database.QueryRow(ctx, query, arguments...).Scan(&finding.Broken, &finding.Examples)
}

func checkPaidIn(ctx context.Context, payments pgx.Tx, expected Expectation, certificate *Certificate) error {
	finding := certificate.add("I5", "a user has paid in what was acknowledged")
	finding.Checked = int64(len(expected.PaidIn))
	users := make([]string, 0, len(expected.PaidIn))
	amounts := make([]int64, 0, len(expected.PaidIn))
	for user, amount := range expected.PaidIn {
		users = append(users, user)
		amounts = append(amounts, amount)
	}
	return findBroken(ctx, payments, finding, `
		SELECT format('%s paid in %s, the ledger has %s', told.user_id, told.amount, coalesce(l.amount, 0))
		FROM unnest($1::text[], $2::bigint[]) AS told (user_id, amount)
		LEFT JOIN (
			SELECT user_id, sum(amount) AS amount FROM ledger_entries
			WHERE kind = 'TOP_UP' AND user_id = ANY($1::text[]) GROUP BY user_id) l ON l.user_id = told.user_id
		WHERE told.amount <> coalesce(l.amount, 0)`, users, amounts)
}
