#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "orders/store/orders_store.h"
#include "orders/store/sweep_store.h"
#include "payments/store/accounts_store.h"
#include "payments/store/books_store.h"
#include "payments/store/payments_store.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/pool.h"
#include "platform/pg/transaction.h"
#include "tests/integration/support/database.h"

// How Postgres finds the rows of each statement of the services. A connection keeps a
// statement's plan (platform/pg/conninfo.h), so it must be right whether it was made while the
// tables were empty or full.

namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// What each statement's index scans look rows up by. Where two indexes do, it is what they
// have in common; a statement that only inserts has none.
using Lookups = std::map<std::string, std::vector<std::string>>;

const Lookups kOutboxLookups = {
    {"outbox_append", {}},
    {"outbox_claim", {"event_id > $1"}},
    {"outbox_delete", {"event_id = ANY ($1)"}},
    {"outbox_select_late", {}},  // in the order of the primary key, up to a LIMIT
};

const Lookups kOrdersLookups = {
    {"orders_insert_orders", {}},
    {"orders_lock_new_before", {"COALESCE(sweep_time, create_time) < $1"}},
    {"orders_lock_orders", {"id = ANY ($1)"}},
    {"orders_lock_orders_of_keys",
     {"(user_id = (wanted.user_id)::text) AND (idempotency_key = (wanted.idempotency_key)::text)"}},
    {"orders_select_order", {"id = $1"}},
    {"orders_select_order_terms", {"id = ANY ($1)"}},
    {"orders_select_orders", {"(user_id = $1) AND (id < $2)"}},
    {"orders_select_orders_of_status", {"(user_id = $1) AND (id < $2)"}},
    {"orders_select_settled_orders", {"id = ANY ($1)"}},
    {"orders_select_sweep_moment", {}},  // the last ones of the primary key
    {"orders_settle_new_orders", {"id = payment.order_id"}},
    {"orders_settle_new_orders_returning", {"id = payment.order_id"}},
    {"orders_update_sweep_times", {"id = swept.id"}},
};

const Lookups kPaymentsLookups = {
    {"payments_claim_keys", {}},
    {"payments_delete_inbox", {"receive_time < ", "event_id = ANY ($1)"}},
    {"payments_insert_accounts", {}},
    {"payments_insert_inbox", {}},
    {"payments_lock_account_ids", {"user_id = ANY ($1)"}},
    {"payments_lock_accounts", {"user_id = ANY ($1)"}},
    {"payments_lock_inbox", {"event_id = ANY ($1)"}},
    {"payments_select_balance", {"user_id = $1", "user_id = $1"}},
    {"payments_select_entries", {"id = ANY ($1)"}},
    {"payments_select_holdings", {"user_id = account.user_id"}},
    {"payments_select_ledger", {"(user_id = $1) AND (entry_number < $2)"}},
    {"payments_select_payments", {"order_id = ANY ($1)"}},
    {"payments_select_top_ups",
     {"(user_id = (wanted.user_id)::text) AND (idempotency_key = (wanted.idempotency_key)::text)"}},
    {"payments_write_books", {}},
};

// The same tables, empty, in front of the real ones. They go with the transaction.
constexpr pg::Statement kMakeEmptyTables{"test_make_empty_tables", R"sql(
    DO $$
    DECLARE name text;
    BEGIN
        CREATE SCHEMA plans;
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('CREATE TABLE plans.%I (LIKE public.%I INCLUDING ALL)', name, name);
        END LOOP;
        SET LOCAL search_path = plans, public;
    END $$)sql"};

// Of 200 users, nearly all settled and old, as most rows are.
constexpr pg::Statement kFillOrders{"test_fill_orders", R"sql(
    WITH filled AS (
        INSERT INTO orders (id, user_id, amount, description, status, create_time, update_time,
                            idempotency_key)
        SELECT gen_random_uuid(), 'user-' || i % 200, 1, '',
               CASE i % 1000 WHEN 0 THEN 'NEW' ELSE 'FINISHED' END, now(), now(), 'key-' || i
          FROM generate_series(1, 20000) AS i)
    INSERT INTO outbox (event_id, type, correlation_id, partition_key, payload, trace)
    SELECT gen_random_uuid(), 'type', gen_random_uuid(), 'user', '', ''
      FROM generate_series(1, 20000))sql"};
constexpr pg::Statement kFillPayments{"test_fill_payments", R"sql(
    WITH accounts AS (
        INSERT INTO accounts (user_id, id, create_time)
        SELECT 'user-' || i, gen_random_uuid(), now() FROM generate_series(1, 20000) AS i),
    entries AS (
        INSERT INTO ledger_entries (id, user_id, entry_number, kind, amount, balance_after,
                                    create_time, idempotency_key)
        SELECT gen_random_uuid(), 'user-' || i % 200, i, 'TOP_UP', 1, i, now(), 'key-' || i
          FROM generate_series(1, 20000) AS i),
    payments AS (
        INSERT INTO payment_transactions (order_id, user_id, amount, outcome, create_time)
        SELECT gen_random_uuid(), 'user-' || i % 200, 1, 'SUCCEEDED', now()
          FROM generate_series(1, 20000) AS i),
    arrived AS (
        INSERT INTO inbox (event_id, partition_key)
        SELECT gen_random_uuid(), 'user' FROM generate_series(1, 20000))
    INSERT INTO outbox (event_id, type, correlation_id, partition_key, payload, trace)
    SELECT gen_random_uuid(), 'type', gen_random_uuid(), 'user', '', ''
      FROM generate_series(1, 20000))sql"};
constexpr pg::Statement kAnalyze{"test_analyze", R"sql(
    DO $$
    DECLARE name text;
    BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'plans' LOOP
            EXECUTE format('ANALYZE plans.%I', name);
        END LOOP;
    END $$)sql"};

// Explains the services' statements, as their sessions have prepared them.
constexpr pg::Statement kExplain{"test_explain", R"sql(
    DO $$
    DECLARE statement record; line text; plans text := '';
    BEGIN
        FOR statement IN SELECT name, '(' || nullif(array_to_string(array_fill('NULL'::text,
                                    ARRAY[cardinality(parameter_types)]), ', '), '') || ')'
                                          AS arguments
                           FROM pg_prepared_statements
                          WHERE name ~ '^(orders|payments|outbox)_' LOOP
            plans := plans || statement.name;
            FOR line IN EXECUTE format('EXPLAIN (COSTS off) EXECUTE %I %s', statement.name,
                                       statement.arguments) LOOP
                plans := plans || E'\n' || line;
            END LOOP;
            plans := plans || E'\n\n';
        END LOOP;
        PERFORM set_config('test.plans', plans, true);
    END $$)sql"};
constexpr pg::Statement kSelectPlans{"test_select_plans", "SELECT current_setting('test.plans')"};

struct Service {
  const char* database;
  std::vector<pg::Statement> statements;
  pg::Statement fill;
  Lookups lookups;
};

std::vector<pg::Statement> Together(const std::vector<std::vector<pg::Statement>>& all) {
  std::vector<pg::Statement> together;
  for (const std::vector<pg::Statement>& some : all) {
    together.insert(together.end(), some.begin(), some.end());
  }
  return together;
}

// Plans by the statements' names.
std::map<std::string, std::string> Explain(pg::Tx& tx) {
  tx.Exec(kExplain);
  const std::string plans = support::Lines(tx.Exec(kSelectPlans));
  std::map<std::string, std::string> by_name;
  for (const absl::string_view plan : absl::StrSplit(plans, "\n\n", absl::SkipWhitespace())) {
    by_name.insert(
        std::pair<std::string, std::string>(absl::StrSplit(plan, absl::MaxSplits('\n', 1))));
  }
  return by_name;
}

std::vector<std::string> LookupsOf(absl::string_view plan) {
  std::vector<std::string> lookups;
  for (absl::string_view line : absl::StrSplit(plan, '\n')) {
    line = absl::StripLeadingAsciiWhitespace(line);
    if (absl::ConsumePrefix(&line, "Index Cond: ")) lookups.emplace_back(line);
  }
  return lookups;
}

void ExpectLookups(const Lookups& expected, const std::map<std::string, std::string>& plans) {
  for (const auto& [name, parts] : expected) {
    ASSERT_TRUE(plans.contains(name)) << name;
    const std::string& plan = plans.at(name);
    SCOPED_TRACE(name + "\n" + plan);
    EXPECT_THAT(plan, Not(AnyOf(HasSubstr("Seq Scan"), HasSubstr("Bitmap"), HasSubstr("Hash"),
                                HasSubstr("Merge"))));
    const std::vector<std::string> lookups = LookupsOf(plan);
    ASSERT_EQ(lookups.size(), parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      EXPECT_THAT(lookups[i], HasSubstr(parts[i]));
    }
  }
  EXPECT_EQ(plans.size(), expected.size()) << "a statement is not expected here";
}

void ExpectLookups(Service service) {
  service.lookups.insert(kOutboxLookups.begin(), kOutboxLookups.end());
  pg::Pool owner = support::NewPool(
      service.database,
      Together({service.statements,
                messaging::OutboxStatements(),
                {kMakeEmptyTables, service.fill, kAnalyze, kExplain, kSelectPlans}}),
      1);
  std::map<std::string, std::string> empty;
  std::map<std::string, std::string> full;
  const absl::Status end = pg::RunAgainUntilKnown(owner, [&](pg::Tx& tx) {
    tx.Exec(kMakeEmptyTables);
    empty = Explain(tx);
    tx.Exec(service.fill);
    tx.Exec(kAnalyze);
    full = Explain(tx);
    return absl::CancelledError("roll back");
  });
  ASSERT_TRUE(absl::IsCancelled(end)) << end;
  {
    SCOPED_TRACE("empty");
    ExpectLookups(service.lookups, empty);
  }
  SCOPED_TRACE("full");
  ExpectLookups(service.lookups, full);
}

TEST(PlansTest, OrdersFindsRowsByIndexWhetherItsTablesAreEmptyOrFull) {
  ExpectLookups({.database = "ORDERS_OWNER_DATABASE_URL",
                 .statements = Together({orders::OrdersStatements(), orders::SweepStatements()}),
                 .fill = kFillOrders,
                 .lookups = kOrdersLookups});
}

TEST(PlansTest, PaymentsFindsRowsByIndexWhetherItsTablesAreEmptyOrFull) {
  ExpectLookups(
      {.database = "PAYMENTS_OWNER_DATABASE_URL",
       .statements = Together({payments::AccountsStatements(), payments::BooksStatements(),
                               payments::PaymentsStatements()}),
       .fill = kFillPayments,
       .lookups = kPaymentsLookups});
}

}  // namespace
