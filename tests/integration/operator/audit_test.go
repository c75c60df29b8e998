package operator

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"orderspayments/deploy/operator/audit"
)

// A user paid 1000 in and 100 of it for a coffee, could not pay for a yacht, and has ordered
// tea this minute; another has no account.
const (
	coffee = "01a20000-0000-7000-8000-000000000001"
	yacht  = "01a20000-0000-7000-8000-000000000002"
	orphan = "01a20000-0000-7000-8000-000000000003"
	tea    = "01a20000-0000-7000-8000-000000000004"

	goodOrders = `
		TRUNCATE orders, outbox;
		INSERT INTO orders (id, user_id, amount, description, status, cancel_reason, create_time, update_time) VALUES
		('` + coffee + `', 'u1', 100, '', 'FINISHED', NULL, now(), now()),
		('` + yacht + `', 'u1', 5000, '', 'CANCELLED', 'INSUFFICIENT_FUNDS', now(), now()),
		('` + orphan + `', 'u2', 100, '', 'CANCELLED', 'ACCOUNT_NOT_FOUND', now(), now()),
		('` + tea + `', 'u1', 50, '', 'NEW', NULL, now(), now())`
	goodPayments = `
		TRUNCATE accounts, ledger_entries, payment_transactions, inbox, outbox;
		INSERT INTO accounts (user_id, id, create_time) VALUES
		('u1', gen_random_uuid(), now()), ('u3', gen_random_uuid(), now());
		INSERT INTO ledger_entries (id, user_id, entry_number, kind, amount, balance_after, order_id, create_time) VALUES
		(gen_random_uuid(), 'u1', 1, 'TOP_UP', 1000, 1000, NULL, now()),
		(gen_random_uuid(), 'u1', 2, 'CHARGE', 100, 900, '` + coffee + `', now());
		INSERT INTO payment_transactions (order_id, user_id, amount, outcome, decline_reason, create_time) VALUES
		('` + coffee + `', 'u1', 100, 'SUCCEEDED', NULL, now()),
		('` + yacht + `', 'u1', 5000, 'DECLINED', 'INSUFFICIENT_FUNDS', now()),
		('` + orphan + `', 'u2', 100, 'DECLINED', 'ACCOUNT_NOT_FOUND', now())`
	event = `INSERT INTO outbox (event_id, type, correlation_id, partition_key, payload, trace, create_time)
		VALUES (gen_random_uuid(), 't', gen_random_uuid(), 'u1', '', '', now() - interval '1 hour')`
)

var acknowledged = []audit.Order{
	{ID: coffee, UserID: "u1", Amount: 100, Status: "FINISHED"},
	{ID: yacht, UserID: "u1", Amount: 5000, Status: "NEW"},
	{ID: tea, UserID: "u1", Amount: 50, Status: "NEW"},
}

// The claims of a certificate.
const (
	unique        = "an order has an id of its own"
	kept          = "an acknowledged order exists as its maker was told"
	settles       = "an order settles"
	decidedOnce   = "a payment is decided once, and for an order"
	chargedOnce   = "an order is charged at most once"
	asDecided     = "what is charged is what was decided"
	ends          = "an order ended as its payment was decided"
	ledgerSum     = "a balance is the sum of its ledger, from 0 to 2^53 - 1"
	paidInLess    = "a balance is what was paid in less the successful payments"
	chain         = "a ledger entry follows from the one before it"
	paidIn        = "a user has paid in what was acknowledged"
	final         = "an order that was seen settled is so still"
	ordersOutbox  = "no event stays in the outbox of orders"
	answersOutbox = "no event stays in the outbox of payments"
	deadRequests  = "no message died in payments.payment-requested.dlq"
	deadAnswers   = "no message died in orders.payment-processed.dlq"
)

// breaks are strikes at good books, and the claims that then do not hold.
var breaks = map[string]struct {
	orders, payments string
	claims           []string
}{
	"an order twice":                {orders: `INSERT INTO orders SELECT * FROM orders WHERE id = '` + yacht + `'`, claims: []string{unique}},
	"an order gone":                 {orders: `DELETE FROM orders WHERE id = '` + tea + `'`, claims: []string{kept}},
	"an order of another":           {orders: `UPDATE orders SET user_id = 'u2' WHERE id = '` + tea + `'`, claims: []string{kept}},
	"an order stuck":                {orders: `UPDATE orders SET create_time = now() - interval '1 hour' WHERE id = '` + tea + `'`, claims: []string{settles}},
	"a settled order NEW again":     {orders: `UPDATE orders SET status = 'NEW' WHERE id = '` + coffee + `'`, claims: []string{final}},
	"a settled order gone":          {orders: `DELETE FROM orders WHERE id = '` + yacht + `'`, claims: []string{kept, decidedOnce}},
	"finished undecided":            {orders: `UPDATE orders SET status = 'FINISHED' WHERE id = '` + tea + `'`, claims: []string{ends}},
	"finished, but declined":        {orders: `UPDATE orders SET status = 'FINISHED', cancel_reason = NULL WHERE id = '` + yacht + `'`, claims: []string{ends}},
	"cancelled for another reason":  {orders: `UPDATE orders SET cancel_reason = 'ACCOUNT_NOT_FOUND' WHERE id = '` + yacht + `'`, claims: []string{ends}},
	"a request that stays":          {orders: event, claims: []string{ordersOutbox}},
	"a decision without an order":   {payments: `UPDATE payment_transactions SET order_id = gen_random_uuid() WHERE outcome = 'DECLINED' AND user_id = 'u2'`, claims: []string{decidedOnce, ends}},
	"two decisions":                 {payments: `INSERT INTO payment_transactions SELECT * FROM payment_transactions WHERE order_id = '` + yacht + `'`, claims: []string{decidedOnce}},
	"an outcome unheard of":         {payments: `UPDATE payment_transactions SET outcome = 'PERHAPS' WHERE order_id = '` + orphan + `'`, claims: []string{ends}},
	"another amount decided":        {payments: `UPDATE payment_transactions SET amount = 4999 WHERE order_id = '` + yacht + `'`, claims: []string{ends}},
	"charged twice":                 {payments: `INSERT INTO ledger_entries SELECT gen_random_uuid(), user_id, 3, kind, amount, 800, order_id, now() FROM ledger_entries WHERE kind = 'CHARGE'`, claims: []string{chargedOnce, paidInLess}},
	"charged another amount":        {payments: `UPDATE ledger_entries SET amount = 99, balance_after = 901 WHERE kind = 'CHARGE'`, claims: []string{asDecided, paidInLess}},
	"charged without a decision":    {payments: `UPDATE ledger_entries SET order_id = gen_random_uuid() WHERE kind = 'CHARGE'`, claims: []string{asDecided}},
	"never charged":                 {payments: `DELETE FROM ledger_entries WHERE kind = 'CHARGE'`, claims: []string{asDecided, paidInLess}},
	"an account gone":               {payments: `DELETE FROM accounts WHERE user_id = 'u1'`, claims: []string{ledgerSum, paidInLess}},
	"a debt":                        {payments: `UPDATE ledger_entries SET amount = 50, balance_after = 50 WHERE kind = 'TOP_UP'; UPDATE ledger_entries SET balance_after = -50 WHERE kind = 'CHARGE'`, claims: []string{ledgerSum, chain, paidIn}},
	"too rich":                      {payments: `INSERT INTO ledger_entries VALUES (gen_random_uuid(), 'u3', 1, 'TOP_UP', 9007199254740992, 9007199254740992, NULL, now())`, claims: []string{ledgerSum, chain, paidIn}},
	"a gap in the ledger":           {payments: `UPDATE ledger_entries SET entry_number = 3 WHERE kind = 'CHARGE'`, claims: []string{chain}},
	"a wrong balance in the ledger": {payments: `UPDATE ledger_entries SET balance_after = 901 WHERE kind = 'CHARGE'`, claims: []string{ledgerSum, paidInLess, chain}},
	"a top-up twice":                {payments: `INSERT INTO ledger_entries VALUES (gen_random_uuid(), 'u1', 3, 'TOP_UP', 1000, 1900, NULL, now())`, claims: []string{paidIn}},
	"an answer that stays":          {payments: event, claims: []string{answersOutbox}},
}

func change(t *testing.T, database *pgx.Conn, statements string) {
	t.Helper()
	// The simple protocol takes several statements.
	if _, err := database.Exec(t.Context(), statements, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
}

// goodBooks leaves the copies as they are when nothing is wrong.
func goodBooks(t *testing.T) {
	t.Helper()
	change(t, orders, goodOrders)
	change(t, payments, goodPayments)
	channel, err := broker.Channel()
	if err != nil {
		t.Fatal(err)
	}
	defer channel.Close()
	for _, queue := range audit.DeadLetterQueues {
		if _, err := channel.QueueDeclare(queue, true, false, false, false, amqp.Table{"x-queue-type": "quorum"}); err != nil {
			t.Fatal(err)
		}
		if _, err := channel.QueuePurge(queue, false); err != nil {
			t.Fatal(err)
		}
	}
}

func check(t *testing.T, within time.Duration) *audit.Certificate {
	t.Helper()
	auditor, err := audit.Open(t.Context(), sources)
	if err != nil {
		t.Fatal(err)
	}
	defer auditor.Close()
	certificate, err := auditor.Check(t.Context(), audit.Expectation{
		Acknowledged: acknowledged, PaidIn: map[string]int64{"u1": 1000, "u3": 0}, SettleWithin: within,
	})
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func brokenClaims(certificate *audit.Certificate) []string {
	var claims []string
	for _, finding := range certificate.Findings {
		if finding.Broken > 0 {
			claims = append(claims, finding.Claim)
		}
	}
	return slices.Sorted(slices.Values(claims))
}

func TestAuditCertifiesGoodBooks(t *testing.T) {
	goodBooks(t)
	certificate := check(t, time.Minute)
	if err := certificate.Err(); err != nil {
		t.Error(err)
	}
	if certificate.InFlight() != 1 {
		t.Errorf("%d in flight, not the tea alone", certificate.InFlight())
	}
}

func TestAuditOfASystemAtRestFindsWhatIsUnderWay(t *testing.T) {
	goodBooks(t)
	if broken := brokenClaims(check(t, 0)); !slices.Equal(broken, []string{settles}) {
		t.Errorf("broken: %q", broken)
	}
}

func TestAuditNoticesEveryBreak(t *testing.T) {
	for name, strike := range breaks {
		t.Run(name, func(t *testing.T) {
			goodBooks(t)
			change(t, orders, strike.orders)
			change(t, payments, strike.payments)
			certificate := check(t, time.Minute)
			if broken, want := brokenClaims(certificate), slices.Sorted(slices.Values(strike.claims)); !slices.Equal(broken, want) {
				t.Errorf("broken: %q, not %q\n%v", broken, want, certificate.Err())
			}
		})
	}
}

func TestAuditNoticesDeadLetters(t *testing.T) {
	for claim, queue := range map[string]string{deadRequests: audit.DeadLetterQueues[0], deadAnswers: audit.DeadLetterQueues[1]} {
		t.Run(queue, func(t *testing.T) {
			goodBooks(t)
			publish(t, queue, amqp.Publishing{})
			if broken := brokenClaims(check(t, time.Minute)); !slices.Equal(broken, []string{claim}) {
				t.Errorf("broken: %q", broken)
			}
		})
	}
}

// No claim may be one that nothing can break.
func TestEachClaimIsBrokenByAStrike(t *testing.T) {
	goodBooks(t)
	broken := map[string]bool{deadRequests: true, deadAnswers: true}
	for strike := range maps.Values(breaks) {
		for _, claim := range strike.claims {
			broken[claim] = true
		}
	}
	for _, finding := range check(t, time.Minute).Findings {
		if !broken[finding.Claim] {
			t.Errorf("no strike breaks %q", finding.Claim)
		}
	}
}

func TestAuditWithoutAQueueIsUnknown(t *testing.T) {
	goodBooks(t)
	channel, err := broker.Channel()
	if err != nil {
		t.Fatal(err)
	}
	defer channel.Close()
	if _, err := channel.QueueDelete(audit.DeadLetterQueues[0], false, false, false); err != nil {
		t.Fatal(err)
	}
	auditor, err := audit.Open(t.Context(), sources)
	if err != nil {
		t.Fatal(err)
	}
	defer auditor.Close()
	if certificate, err := auditor.Check(t.Context(), audit.Expectation{}); err == nil || certificate != nil {
		t.Errorf("%+v, %v", certificate, err)
	}
}

func TestQuietNamesWhatIsUnderWay(t *testing.T) {
	auditor, err := audit.Open(t.Context(), sources)
	if err != nil {
		t.Fatal(err)
	}
	defer auditor.Close()
	settleTea := `UPDATE orders SET status = 'FINISHED' WHERE id = '` + tea + `'; `
	for name, test := range map[string]struct {
		orders, payments string
		quiet            bool
	}{
		"an order":   {},
		"nothing":    {orders: settleTea, quiet: true},
		"a request":  {orders: settleTea + event},
		"an outcome": {orders: settleTea, payments: event},
	} {
		t.Run(name, func(t *testing.T) {
			goodBooks(t)
			change(t, orders, test.orders)
			change(t, payments, test.payments)
			if err := auditor.Quiet(t.Context()); (err == nil) != test.quiet {
				t.Errorf("quiet: %v", err)
			}
		})
	}
}

// publish returns when the broker has the messages.
func publish(t *testing.T, queue string, messages ...amqp.Publishing) {
	t.Helper()
	channel := channelOf(t)
	if err := channel.Confirm(false); err != nil {
		t.Fatal(err)
	}
	confirms := make([]*amqp.DeferredConfirmation, len(messages))
	for i, message := range messages {
		var err error
		if confirms[i], err = channel.PublishWithDeferredConfirm("", queue, true, false, message); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	for _, confirm := range confirms {
		if taken, err := confirm.WaitContext(ctx); err != nil || !taken {
			t.Fatalf("not taken: %v", err)
		}
	}
}
