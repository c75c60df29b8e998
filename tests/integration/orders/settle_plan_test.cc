#include <string>

#include "gtest/gtest.h"
#include "orders/store/orders_store.h"
#include "platform/pg/pool.h"
#include "platform/pg/transaction.h"
#include "tests/integration/support/database.h"

namespace orders {
namespace {

constexpr pg::Statement kFill{"test_fill_orders", R"sql(
    INSERT INTO orders (id, user_id, amount, description, status, create_time, update_time)
    SELECT gen_random_uuid(), gen_random_uuid()::text, 1, '', 'FINISHED', now(), now()
      FROM generate_series(1, 20000))sql"};
constexpr pg::Statement kAnalyze{"test_analyze_orders", "ANALYZE orders"};
constexpr pg::Statement kExplainSettle{"test_explain_settle", R"sql(
    EXPLAIN EXECUTE orders_settle_new_orders(
        array_fill('00000000-0000-0000-0000-000000000000'::uuid, '{100}'),
        array_fill('user'::text, '{100}'), array_fill(1::bigint, '{100}'),
        array_fill('FINISHED'::text, '{100}'), array_fill(NULL::text, '{100}')))sql"};

TEST(SettlePlanTest, OrdersAreFoundByIdHoweverFewWereNewAtTheLastAnalyze) {
  std::vector<pg::Statement> statements = OrdersStatements();
  statements.insert(statements.end(), {kFill, kAnalyze, kExplainSettle});
  pg::Pool owner = support::NewPool("ORDERS_OWNER_DATABASE_URL", statements);
  std::string plan;
  const absl::Status end = pg::RunAgainUntilKnown(owner, [&](pg::Tx& tx) {
    tx.Exec(kFill);
    tx.Exec(kAnalyze);
    plan = support::Lines(tx.Exec(kExplainSettle));
    return absl::CancelledError("roll back");
  });
  ASSERT_TRUE(absl::IsCancelled(end)) << end;
  EXPECT_NE(plan.find("Index Scan using orders_"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("orders_sweep_idx"), std::string::npos) << plan;
}

}  // namespace
}  // namespace orders
