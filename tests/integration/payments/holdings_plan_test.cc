#include <string>

#include "gtest/gtest.h"
#include "payments/store/accounts_store.h"
#include "platform/pg/pool.h"
#include "platform/pg/transaction.h"
#include "tests/integration/support/database.h"

namespace payments {
namespace {

constexpr pg::Statement kFill{"test_fill_ledger", R"sql(
    INSERT INTO ledger_entries
           (id, user_id, entry_number, kind, amount, balance_after, create_time)
    SELECT gen_random_uuid(), 'plan-' || i % 10, i, 'TOP_UP', 1, i, now()
      FROM generate_series(1, 20000) AS i)sql"};
constexpr pg::Statement kExplainHoldings{"test_explain_holdings", R"sql(
    EXPLAIN EXECUTE payments_select_holdings(array_fill('plan-1'::text, '{100}')))sql"};
constexpr pg::Statement kExplainLock{"test_explain_lock", R"sql(
    EXPLAIN EXECUTE payments_lock_accounts(array_fill('plan-1'::text, '{100}')))sql"};

TEST(HoldingsPlanTest, TheNewestEntryIsFoundByItsNumberHoweverLongTheLedger) {
  std::vector<pg::Statement> statements = AccountsStatements();
  statements.insert(statements.end(), {kFill, kExplainHoldings, kExplainLock});
  pg::Pool service = support::NewPool("PAYMENTS_DATABASE_URL", statements);
  std::string plans;
  const absl::Status end = pg::RunAgainUntilKnown(service, [&](pg::Tx& tx) {
    tx.Exec(kFill);
    plans = support::Lines(tx.Exec(kExplainHoldings)) + support::Lines(tx.Exec(kExplainLock));
    return absl::CancelledError("roll back");
  });
  ASSERT_TRUE(absl::IsCancelled(end)) << end;
  EXPECT_NE(plans.find("Index Scan Backward using ledger_entries_user_id_entry_number_key"),
            std::string::npos)
      << plans;
  EXPECT_EQ(plans.find("Seq Scan"), std::string::npos) << plans;
}

}  // namespace
}  // namespace payments
