#include <vector>

#include "platform/types/error.h"
#include "tests/integration/payments/payments_database.h"

namespace payments {
namespace {

class CreateAccountsTest : public PaymentsDatabaseTest {};
class TopUpAccountsTest : public PaymentsDatabaseTest {};
class LedgerTest : public PaymentsDatabaseTest {};

TEST_F(CreateAccountsTest, OneUserHasOneAccount) {
  EXPECT_TRUE(Open({NewAccount()})[0].ok());
  EXPECT_EQ(types::ReasonOf(Open({NewAccount()})[0].status()), "ACCOUNT_ALREADY_EXISTS");
}

TEST_F(CreateAccountsTest, OfTwoInOneBatchOneWins) {
  const std::vector<absl::StatusOr<Account>> answers = Open({NewAccount(), NewAccount()});
  EXPECT_NE(answers[0].ok(), answers[1].ok());
}

TEST_F(CreateAccountsTest, RunAgainAnswersWithTheSameAccount) {
  const CreateAccountCommand command = NewAccount();
  ASSERT_TRUE(Open({command})[0].ok());
  const absl::StatusOr<Account> again = Open({command})[0];
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->id, command.account.id);
}

TEST_F(TopUpAccountsTest, AddsInOrderAndAnswersWithTheBalanceAfterEach) {
  ASSERT_TRUE(Open({NewAccount()})[0].ok());
  const std::vector<absl::StatusOr<ToppedUp>> answers = Add({NewTopUp(100), NewTopUp(20)});
  EXPECT_EQ(answers[0]->balance, Cents(100));
  EXPECT_EQ(answers[1]->balance, Cents(120));
  EXPECT_EQ(Balance(), 120);
}

TEST_F(TopUpAccountsTest, RunAgainAddsNothing) {
  ASSERT_TRUE(Open({NewAccount()})[0].ok());
  const TopUpCommand command = NewTopUp(100);
  Add({command});
  const std::vector<absl::StatusOr<ToppedUp>> answers = Add({command, NewTopUp(1)});
  EXPECT_EQ(answers[0]->balance, Cents(100));
  EXPECT_EQ(answers[1]->balance, Cents(101));
  EXPECT_EQ(Balance(), 101);
}

TEST_F(TopUpAccountsTest, NeedsAnAccount) {
  EXPECT_EQ(types::ReasonOf(Add({NewTopUp(1)})[0].status()), "ACCOUNT_NOT_FOUND");
}

TEST_F(TopUpAccountsTest, StopsAtTheLargestBalance) {
  OpenWith(Money::kMinorUnitsMax - 1);
  const std::vector<absl::StatusOr<ToppedUp>> answers = Add({NewTopUp(2), NewTopUp(1)});
  EXPECT_EQ(types::ReasonOf(answers[0].status()), "BALANCE_LIMIT_EXCEEDED");
  EXPECT_EQ(answers[1]->balance, Cents(Money::kMinorUnitsMax));
}

TEST_F(LedgerTest, PagesNewestFirst) {
  OpenWith(1);
  for (int i = 2; i <= 5; ++i) Add({NewTopUp(i)});
  const LedgerPage first = *ListLedger(pool_, {.user_id = user_, .before = {}, .page_size = 3});
  ASSERT_EQ(first.entries.size(), 3U);
  EXPECT_TRUE(first.has_more);
  EXPECT_EQ(first.entries[0].amount, Cents(5));
  const LedgerPage second =
      *ListLedger(pool_, {.user_id = user_, .before = first.entries.back().number, .page_size = 3});
  ASSERT_EQ(second.entries.size(), 2U);
  EXPECT_FALSE(second.has_more);
  EXPECT_EQ(second.entries[1].amount, Cents(1));
}

TEST_F(LedgerTest, NeedsAnAccountButMayBeEmpty) {
  const ListLedgerQuery query{.user_id = user_, .before = {}, .page_size = 3};
  EXPECT_EQ(types::ReasonOf(ListLedger(pool_, query).status()), "ACCOUNT_NOT_FOUND");
  Open({NewAccount()});
  EXPECT_TRUE(ListLedger(pool_, query)->entries.empty());
}

TEST_F(LedgerTest, CannotBeRewrittenByTheService) {
  OpenWith(100);
  for (const pg::Statement& statement : {kUpdateLedger, kDeleteLedger}) {
    const absl::Status end = pg::RunAgainUntilKnown(pool_, [&](pg::Tx& tx) {
      tx.Exec(statement, user_.ToString());
      return absl::OkStatus();
    });
    EXPECT_TRUE(absl::IsInternal(end)) << statement.name;
  }
  EXPECT_EQ(Ledger()[0].amount, Cents(100));
}

}  // namespace
}  // namespace payments
