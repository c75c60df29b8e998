#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "platform/messaging/outbox.h"
#include "platform/pg/conninfo.h"
#include "platform/pg/pool.h"
#include "platform/pg/transaction.h"
#include "support.h"
#include "tests/integration/support/database.h"

namespace messaging_test {
namespace {

constexpr pg::Statement kEmpty{"test_empty_outbox", "DELETE FROM outbox"};
constexpr pg::Statement kVacuum{"test_vacuum_outbox", "VACUUM ANALYZE outbox"};
constexpr pg::Statement kFill{"test_fill_outbox", R"sql(
    INSERT INTO outbox (event_id, type, correlation_id, partition_key, payload, trace)
    SELECT gen_random_uuid(), 'type', gen_random_uuid(), 'user', '', ''
      FROM generate_series(1, $1::int))sql"};
constexpr pg::Statement kExplainClaim{"test_explain_claim", R"sql(
    EXPLAIN EXECUTE outbox_claim('00000000-0000-0000-0000-000000000000', 500000, 500))sql"};
constexpr pg::Statement kExplainDelete{"test_explain_delete", R"sql(
    EXPLAIN EXECUTE outbox_delete('{00000000-0000-0000-0000-000000000000}'))sql"};

constexpr int kRowsThatPassed = 50'000;
constexpr int kRowsThatWait = 5'000;
// Postgres may keep a plan from a statement's sixth execution on.
constexpr int kExecutions = 8;

pg::Pool NewPool(const std::string& setting, std::vector<pg::Statement> statements) {
  return pg::Pool({.conninfo = pg::WithSessionSettings(Setting(setting.c_str())).value(),
                   .statements = std::move(statements),
                   .connections_max = 1});
}

class OutboxPlanTest : public testing::TestWithParam<std::string> {
 protected:
  OutboxPlanTest() { Outbox((GetParam() + "_DATABASE_URL").c_str()); }
};

TEST_P(OutboxPlanTest, AnOutboxThatGrewFromEmptyIsReadByItsIndexHoweverFatThatIs) {
  pg::Pool owner = NewPool(GetParam() + "_OWNER_DATABASE_URL", {kFill, kEmpty, kVacuum});
  support::Commit(owner, [](pg::Tx& tx) { tx.Exec(kFill, kRowsThatPassed); });
  support::Commit(owner, [](pg::Tx& tx) { tx.Exec(kEmpty); });
  support::Query(owner, [](pg::Tx& tx) { tx.Exec(kVacuum); });

  std::vector<pg::Statement> statements = messaging::OutboxStatements();
  statements.insert(statements.end(), {kFill, kExplainClaim, kExplainDelete});
  pg::Pool service = NewPool(GetParam() + "_DATABASE_URL", statements);
  std::string plans;
  const absl::Status end = pg::RunAgainUntilKnown(service, [&](pg::Tx& tx) {
    for (int i = 0; i < kExecutions; ++i) {
      messaging::ClaimOutbox(
          tx, {.after = types::Uuid(), .age_min = absl::Milliseconds(500), .rows_max = 500});
      messaging::DeleteFromOutbox(tx, std::vector{types::Uuid()});
    }
    tx.Exec(kFill, kRowsThatWait);
    plans = support::Lines(tx.Exec(kExplainClaim)) + support::Lines(tx.Exec(kExplainDelete));
    return absl::CancelledError("roll back");
  });
  ASSERT_TRUE(absl::IsCancelled(end)) << end;
  EXPECT_NE(plans.find("Index Scan using outbox_pkey"), std::string::npos) << plans;
  EXPECT_EQ(plans.find("Seq Scan"), std::string::npos) << plans;
}

INSTANTIATE_TEST_SUITE_P(BothDatabases, OutboxPlanTest, testing::Values("ORDERS", "PAYMENTS"),
                         [](const auto& database) { return database.param; });

}  // namespace
}  // namespace messaging_test
