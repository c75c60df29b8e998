#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "orders/app/settle_orders.h"
#include "platform/pg/group_commit.h"
#include "platform/types/error.h"
#include "tests/integration/orders/orders_database.h"

namespace orders {
namespace {

constexpr pg::Statement kCountOrders{"test_count_orders", R"sql(
    SELECT count(*) FROM orders WHERE user_id = $1)sql"};

class OrderKeysTest : public OrdersDatabaseTest {
 protected:
  using CreateCommit = pg::GroupCommit<CreateOrderCommand, CreatedOrder>;

  static std::future<absl::StatusOr<CreatedOrder>> Submit(CreateCommit& commit,
                                                          const CreateOrderCommand& command) {
    const auto answer = std::make_shared<std::promise<absl::StatusOr<CreatedOrder>>>();
    commit.Submit(command, absl::InfiniteFuture(), [answer](absl::StatusOr<CreatedOrder> created) {
      answer->set_value(std::move(created));
    });
    return answer->get_future();
  }

  static pg::GroupCommitOptions AbortedAgainFor(absl::Duration most) {
    pg::GroupCommitOptions options;
    options.mode = pg::Database::Mode::kStatements;
    options.aborted_again_max = most;
    return options;
  }

  std::int64_t OrdersOfUser() {
    pg::Pool pool = support::NewPool("ORDERS_DATABASE_URL", {kCountOrders}, 1);
    std::int64_t orders = 0;
    support::Query(
        pool, [&](pg::Tx& tx) { orders = tx.Exec(kCountOrders, user_.ToString())[0].Int64(0); });
    return orders;
  }
};

// What a caller is shown.
void ExpectSame(const Order& one, const Order& other) {
  EXPECT_EQ(one.id, other.id);
  EXPECT_EQ(one.amount, other.amount);
  EXPECT_EQ(one.description, other.description);
  EXPECT_EQ(one.status, other.status);
  EXPECT_EQ(one.cancel_reason, other.cancel_reason);
  EXPECT_EQ(one.create_time, other.create_time);
  EXPECT_EQ(one.update_time, other.update_time);
}

TEST_F(OrderKeysTest, TheSameKeyAndWordsGetTheFirstAnswerAgain) {
  const absl::StatusOr<CreatedOrder> first = Answers({NewCommand("k", 100)})[0];
  const absl::StatusOr<CreatedOrder> again = Answers({NewCommand("k", 100)})[0];
  ASSERT_TRUE(first.ok() && again.ok()) << first.status() << again.status();
  EXPECT_FALSE(first->replayed);
  EXPECT_TRUE(again->replayed);
  ExpectSame(again->order, first->order);
  EXPECT_EQ(OrdersOfUser(), 1);
  EXPECT_EQ(EventsOf(first->order.id), 1);
}

TEST_F(OrderKeysTest, AReplayShowsASettledOrderAsItWasWhenItWasNew) {
  const absl::StatusOr<CreatedOrder> first = Answers({NewCommand("k", 100)})[0];
  support::Commit(pool_, [&](pg::Tx& tx) {
    SettleOrders(tx,
                 std::vector<PaymentProcessed>{
                     {.order_id = first->order.id,
                      .user_id = user_,
                      .amount = first->order.amount,
                      .settlement = {.status = OrderStatus::kCancelled,
                                     .cancel_reason = CancelReason::kInsufficientFunds}}},
                 watchers_);
  });
  ASSERT_EQ(Get(first->order.id).status, OrderStatus::kCancelled);
  const absl::StatusOr<CreatedOrder> again = Answers({NewCommand("k", 100)})[0];
  ASSERT_TRUE(again.ok()) << again.status();
  ExpectSame(again->order, first->order);
}

TEST_F(OrderKeysTest, AKeyIsKeptAsItIs) {
  for (const std::string& key : {std::string(255, '~'), std::string("\"k\""),
                                 std::string("{k,\\'NULL'}"), std::string("NULL")}) {
    Create({NewCommand(key, 100)});
    const absl::StatusOr<CreatedOrder> again = Answers({NewCommand(key, 100)})[0];
    EXPECT_TRUE(again.ok() && again->replayed) << key << ": " << again.status();
  }
}

TEST_F(OrderKeysTest, OtherWordsUnderTheSameKeyAreRefused) {
  Create({NewCommand("k", 100)});
  CreateOrderCommand other_description = NewCommand("k", 100);
  other_description.order.description = "tea";
  const std::vector<absl::StatusOr<CreatedOrder>> answers =
      Answers({NewCommand("k", 101), other_description, NewCommand("l", 101)});
  EXPECT_EQ(types::ReasonOf(answers[0].status()), "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(types::ReasonOf(answers[1].status()), "IDEMPOTENCY_KEY_REUSED");
  EXPECT_TRUE(answers[2].ok()) << answers[2].status();
  EXPECT_EQ(OrdersOfUser(), 2);
}

TEST_F(OrderKeysTest, AnotherUsersKeyIsAnotherKey) {
  CreateOrderCommand of_another = NewCommand("k", 100);
  of_another.order.user_id = support::NewUser();
  for (const auto& answer : Answers({NewCommand("k", 100), of_another})) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_FALSE(answer->replayed);
  }
}

TEST_F(OrderKeysTest, TheRunAgainOfACommandIsNoReplay) {
  const CreateOrderCommand command = NewCommand("k", 100);
  Create({command});
  const absl::StatusOr<CreatedOrder> again = Answers({command, NewCommand("l", 1)})[0];
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->replayed);
  EXPECT_EQ(again->order.id, command.order.id);
  EXPECT_EQ(EventsOf(command.order.id), 1);
}

TEST_F(OrderKeysTest, OfTwinsInOneBatchOneCreatesAndTheOtherRepeats) {
  const std::vector<absl::StatusOr<CreatedOrder>> answers =
      Answers({NewCommand("k", 100), NewCommand("k", 100), NewCommand(100), NewCommand("l", 100)});
  for (const auto& answer : answers) ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_NE(answers[0]->replayed, answers[1]->replayed);
  ExpectSame(answers[0]->order, answers[1]->order);
  EXPECT_EQ(EventsOf(answers[0]->order.id), 1);
  EXPECT_EQ(OrdersOfUser(), 3);
}

TEST_F(OrderKeysTest, ATwinUnderWayElsewhereCostsItsNeighboursNothing) {
  int commits = 0;
  CreateCommit commit(pool_, AbortedAgainFor(absl::ZeroDuration()),
                      [&](pg::Tx& tx, std::span<const CreateOrderCommand> commands) {
                        tx.AfterCommit([&] { ++commits; });
                        return CreateUnrelayed(tx, commands);
                      });
  const CreateOrderCommand twin = NewCommand("k", 100);
  support::Commit(pool_, [&](pg::Tx& elsewhere) {
    CreateUnrelayed(elsewhere, std::vector{NewCommand("k", 100)});
    std::future<absl::StatusOr<CreatedOrder>> in_the_way = Submit(commit, twin);
    std::vector<std::future<absl::StatusOr<CreatedOrder>>> neighbours;
    for (int i = 0; i < 100; ++i) {
      neighbours.push_back(Submit(commit, NewCommand("l" + std::to_string(i), 100)));
    }
    commit.Start();
    for (auto& neighbour : neighbours) EXPECT_TRUE(neighbour.get().ok());
    EXPECT_EQ(types::ReasonOf(in_the_way.get().status()), "IDEMPOTENCY_KEY_IN_USE");
  });
  EXPECT_TRUE(Submit(commit, twin).get()->replayed);
  commit.Stop();
  EXPECT_EQ(commits, 2);  // a batch that waits for a lock is split into many
}

TEST_F(OrderKeysTest, ATwinThatCommitsMeanwhileIsRepeatedNotRefused) {
  CreateCommit commit(pool_, AbortedAgainFor(absl::Minutes(1)), CreateUnrelayed);
  std::future<absl::StatusOr<CreatedOrder>> in_the_way;
  support::Commit(pool_, [&](pg::Tx& elsewhere) {
    CreateUnrelayed(elsewhere, std::vector{NewCommand("k", 100)});
    in_the_way = Submit(commit, NewCommand("k", 100));
    std::future<absl::StatusOr<CreatedOrder>> neighbour = Submit(commit, NewCommand(100));
    commit.Start();
    EXPECT_TRUE(neighbour.get().ok());  // the first batch is over
  });
  const absl::StatusOr<CreatedOrder> answer = in_the_way.get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->replayed);
  commit.Stop();
}

// Two copies of the service, each with its own group commit and connection.
TEST_F(OrderKeysTest, CrossedKeysOfTwoCopiesMakeOneOrderEachWithoutADeadlock) {
  constexpr int kRounds = 1000;
  pg::Pool one_pool = support::NewPatientPool("ORDERS_DATABASE_URL", Statements());
  pg::Pool other_pool = support::NewPatientPool("ORDERS_DATABASE_URL", Statements());
  const auto send_all = [&](pg::Pool& pool, const std::vector<std::string>& keys) {
    for (int round = 0; round < kRounds; ++round) {
      std::vector<CreateOrderCommand> batch;
      for (const std::string& key : keys) {
        batch.push_back(NewCommand(key + std::to_string(round), 100));
      }
      const absl::Status end = pg::Query(
          pool,
          [&](pg::Tx& tx) {
            for (const auto& answer : CreateUnrelayed(tx, batch)) {
              EXPECT_TRUE(answer.ok() || absl::IsAborted(answer.status())) << answer.status();
            }
            return absl::OkStatus();
          },
          {.attempts_max = 1});  // a deadlock would need a second one
      EXPECT_TRUE(end.ok()) << end;
    }
  };
  std::thread one([&] { send_all(one_pool, {"a", "b"}); });
  std::thread other([&] { send_all(other_pool, {"b", "a"}); });
  one.join();
  other.join();
  EXPECT_EQ(OrdersOfUser(), 2 * kRounds);
}

}  // namespace
}  // namespace orders
