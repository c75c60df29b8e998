#include <string>

#include "gtest/gtest.h"
#include "payments/store/books_store.h"
#include "platform/pg/pool.h"
#include "platform/pg/transaction.h"
#include "tests/integration/support/database.h"

namespace payments {
namespace {

constexpr pg::Statement kFill{"test_fill_accounts", R"sql(
    INSERT INTO accounts (user_id, id, balance, last_entry, create_time)
    SELECT gen_random_uuid()::text, gen_random_uuid(), 0, 0, now()
      FROM generate_series(1, 20000))sql"};
constexpr pg::Statement kExplainBooks{"test_explain_books", R"sql(
    EXPLAIN EXECUTE payments_write_books(
        array_fill('user'::text, '{100}'), array_fill(1::bigint, '{100}'),
        array_fill(1::bigint, '{100}'), '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
        '{}', '{}', '{}', '{}', '{}'))sql"};

TEST(BooksPlanTest, AccountsAreFoundByTheirUsersHoweverMany) {
  std::vector<pg::Statement> statements = BooksStatements();
  statements.insert(statements.end(), {kFill, kExplainBooks});
  pg::Pool service = support::NewPool("PAYMENTS_DATABASE_URL", statements);
  std::string plan;
  const absl::Status end = pg::RunAgainUntilKnown(service, [&](pg::Tx& tx) {
    tx.Exec(kFill);
    plan = support::Lines(tx.Exec(kExplainBooks));
    return absl::CancelledError("roll back");
  });
  ASSERT_TRUE(absl::IsCancelled(end)) << end;
  EXPECT_NE(plan.find("Index Scan using accounts_pkey"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
}

}  // namespace
}  // namespace payments
