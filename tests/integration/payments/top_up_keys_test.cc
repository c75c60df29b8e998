#include <string>
#include <thread>
#include <vector>

#include "platform/types/error.h"
#include "tests/integration/payments/payments_database.h"

namespace payments {
namespace {

class TopUpKeysTest : public PaymentsDatabaseTest {};

TEST_F(TopUpKeysTest, TheSameKeyAndAmountGetTheFirstAnswerAgain) {
  OpenWith(1);
  EXPECT_FALSE(Add({NewTopUp("k", 100)})[0]->replayed);
  Add({NewTopUp(20)});
  const absl::StatusOr<ToppedUp> again = Add({NewTopUp("k", 100)})[0];
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->balance, Cents(101));
  EXPECT_EQ(Balance(), 121);
  EXPECT_EQ(Ledger().size(), 3U);
}

TEST_F(TopUpKeysTest, AnotherAmountUnderTheSameKeyIsRefused) {
  OpenWith(1);
  Add({NewTopUp("k", 100)});
  EXPECT_EQ(types::ReasonOf(Add({NewTopUp("k", 101)})[0].status()), "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(Balance(), 101);
}

TEST_F(TopUpKeysTest, TheRunAgainOfACommandIsNoReplay) {
  OpenWith(1);
  const TopUpCommand command = NewTopUp("k", 100);
  Add({command});
  const absl::StatusOr<ToppedUp> again = Add({command})[0];
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->replayed);
  EXPECT_EQ(again->balance, Cents(101));
  EXPECT_EQ(Balance(), 101);
}

TEST_F(TopUpKeysTest, OfTwinsInOneBatchOneAddsAndTheOtherRepeats) {
  OpenWith(1);
  const std::vector<absl::StatusOr<ToppedUp>> answers =
      Add({NewTopUp("k", 100), NewTopUp(20), NewTopUp("k", 100), NewTopUp("k", 5)});
  EXPECT_FALSE(answers[0]->replayed);
  EXPECT_TRUE(answers[2]->replayed);
  EXPECT_EQ(answers[0]->balance, Cents(101));
  EXPECT_EQ(answers[2]->balance, Cents(101));
  EXPECT_EQ(types::ReasonOf(answers[3].status()), "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(Balance(), 121);
}

TEST_F(TopUpKeysTest, AReplayIsAnsweredThoughTheBalanceHasNoRoom) {
  ASSERT_TRUE(Open({NewAccount()})[0].ok());
  const absl::StatusOr<ToppedUp> first = Add({NewTopUp("k", Money::kMinorUnitsMax)})[0];
  const std::vector<absl::StatusOr<ToppedUp>> answers =
      Add({NewTopUp("l", 1), NewTopUp("k", Money::kMinorUnitsMax)});
  EXPECT_EQ(types::ReasonOf(answers[0].status()), "BALANCE_LIMIT_EXCEEDED");
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_EQ(answers[1]->balance, first->balance);
}

TEST_F(TopUpKeysTest, ARefusedTopUpLeavesItsKeyFree) {
  EXPECT_EQ(types::ReasonOf(Add({NewTopUp("k", 1)})[0].status()), "ACCOUNT_NOT_FOUND");
  ASSERT_TRUE(Open({NewAccount()})[0].ok());
  const absl::StatusOr<ToppedUp> now = Add({NewTopUp("k", 2)})[0];
  ASSERT_TRUE(now.ok()) << now.status();
  EXPECT_FALSE(now->replayed);
}

TEST_F(TopUpKeysTest, AnotherUsersKeyIsAnotherKey) {
  OpenWith(1);
  Add({NewTopUp("k", 100)});
  CreateAccountCommand account = NewAccount();
  TopUpCommand of_another = NewTopUp("k", 100);
  account.account.user_id = of_another.user_id = support::NewUser();
  Open({account});
  EXPECT_FALSE(Add({of_another})[0]->replayed);
}

TEST_F(TopUpKeysTest, ATwinUnderWayElsewhereIsNotWaitedFor) {
  OpenWith(1);
  support::Commit(pool_, [&](pg::Tx& elsewhere) {
    TopUpAccounts(elsewhere, std::vector{NewTopUp("k", 100)});
    CreateAccountCommand account = NewAccount();
    TopUpCommand neighbour = NewTopUp("k", 100);
    account.account.user_id = neighbour.user_id = support::NewUser();
    Open({account});
    // The account is locked: to wait for it would fail the batch by its lock_timeout.
    const std::vector<absl::StatusOr<ToppedUp>> answers = Add({NewTopUp("k", 100), neighbour});
    EXPECT_EQ(types::ReasonOf(answers[0].status()), "IDEMPOTENCY_KEY_IN_USE");
    EXPECT_TRUE(answers[1].ok()) << answers[1].status();
  });
  EXPECT_TRUE(Add({NewTopUp("k", 100)})[0]->replayed);
  EXPECT_EQ(Balance(), 101);
}

TEST_F(TopUpKeysTest, CrossedKeysOfTwoCopiesAddOnceEachWithoutADeadlock) {
  constexpr int kRounds = 300;
  OpenWith(1);
  const auto send_all = [&](pg::Pool& pool, const std::vector<std::string>& keys) {
    for (int round = 0; round < kRounds; ++round) {
      std::vector<TopUpCommand> batch;
      for (const std::string& key : keys) batch.push_back(NewTopUp(key + std::to_string(round), 1));
      const absl::Status end = pg::RunAgainUntilKnown(
          pool,
          [&](pg::Tx& tx) {
            for (const auto& answer : TopUpAccounts(tx, batch)) {
              EXPECT_TRUE(answer.ok() || absl::IsAborted(answer.status())) << answer.status();
            }
            return absl::OkStatus();
          },
          {.attempts_max = 1});  // a deadlock would need a second one
      EXPECT_TRUE(end.ok()) << end;
    }
  };
  pg::Pool one_pool = support::NewPatientPool("PAYMENTS_DATABASE_URL", Statements());
  pg::Pool other_pool = support::NewPatientPool("PAYMENTS_DATABASE_URL", Statements());
  std::thread one([&] { send_all(one_pool, {"a", "b"}); });
  std::thread other([&] { send_all(other_pool, {"b", "a"}); });
  one.join();
  other.join();
  EXPECT_EQ(Balance(), 1 + 2 * kRounds);
}

}  // namespace
}  // namespace payments
