#include "orders/app/create_orders.h"

#include <future>
#include <string>
#include <vector>

#include "platform/pg/group_commit.h"
#include "tests/integration/orders/orders_database.h"

namespace orders {
namespace {

class CreateOrdersTest : public OrdersDatabaseTest {};

TEST_F(CreateOrdersTest, StoresTheOrderWithItsEvent) {
  const CreateOrderCommand command = NewCommand();
  Create({command});
  const Order stored = Get(command.order.id);
  EXPECT_EQ(stored.amount, command.order.amount);
  EXPECT_EQ(stored.description, command.order.description);
  EXPECT_EQ(stored.status, OrderStatus::kNew);
  EXPECT_EQ(stored.create_time, command.order.create_time);
  EXPECT_EQ(EventsOf(command.order.id), 1);
}

TEST_F(CreateOrdersTest, RunAgainAddsNothing) {
  const CreateOrderCommand first = NewCommand();
  Create({first});
  const CreateOrderCommand second = NewCommand();
  Create({first, second});
  EXPECT_EQ(EventsOf(first.order.id), 1);
  EXPECT_EQ(EventsOf(second.order.id), 1);
}

TEST_F(CreateOrdersTest, RunAgainAfterTheRelayDoesNotAskForASecondPayment) {
  const CreateOrderCommand command = NewCommand();
  Create({command});
  support::Commit(pool_, [&](pg::Tx& tx) { tx.Exec(kDeleteEvents, command.order.id.uuid()); });
  Create({command});
  EXPECT_EQ(EventsOf(command.order.id), 0);
}

TEST_F(CreateOrdersTest, RolledBackLeavesNeitherOrderNorEvent) {
  const CreateOrderCommand command = NewCommand();
  const absl::Status end = pg::RunAgainUntilKnown(pool_, [&](pg::Tx& tx) {
    CreateUnrelayed(tx, std::vector{command});
    return absl::CancelledError("rolled back on purpose");
  });
  EXPECT_TRUE(absl::IsCancelled(end));
  EXPECT_FALSE(GetOrder(pool_, user_, command.order.id).ok());
  EXPECT_EQ(EventsOf(command.order.id), 0);
}

// Submits all before the first commit, so that they share transactions.
class GroupCommitTest : public OrdersDatabaseTest {
 protected:
  std::vector<absl::StatusOr<CreatedOrder>> SubmitAll(
      const std::vector<CreateOrderCommand>& commands) {
    pg::GroupCommitOptions options;
    options.mode = pg::Database::Mode::kStatements;
    pg::GroupCommit<CreateOrderCommand, CreatedOrder> commit(pool_, options, CreateUnrelayed);
    std::vector<std::promise<absl::StatusOr<CreatedOrder>>> promises(commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
      commit.Submit(commands[i], absl::InfiniteFuture(),
                    [&, i](absl::StatusOr<CreatedOrder> answer) { promises[i].set_value(answer); });
    }
    commit.Start();
    std::vector<absl::StatusOr<CreatedOrder>> answers;
    for (auto& promise : promises) answers.push_back(promise.get_future().get());
    commit.Stop();
    return answers;
  }
};

TEST_F(GroupCommitTest, CommitsMoreThanOneBatchHolds) {
  std::vector<CreateOrderCommand> commands;
  for (int i = 0; i < 300; ++i) commands.push_back(NewCommand());
  for (const absl::StatusOr<CreatedOrder>& answer : SubmitAll(commands)) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(EventsOf(answer->order.id), 1);
  }
}

TEST_F(GroupCommitTest, OneBadCommandFailsAlone) {
  std::vector<CreateOrderCommand> commands;
  for (int i = 0; i < 20; ++i) commands.push_back(NewCommand());
  // Gets past no parser; the table's CHECK refuses it.
  commands[7].order.description = std::string(1001, 'a');
  const std::vector<absl::StatusOr<CreatedOrder>> answers = SubmitAll(commands);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i == 7) {
      EXPECT_EQ(answers[i].status().code(), absl::StatusCode::kInternal);
    } else {
      EXPECT_TRUE(answers[i].ok()) << i << ": " << answers[i].status();
      EXPECT_EQ(EventsOf(commands[i].order.id), 1);
    }
  }
}

// The lock of what is there already fails when the rest of the batch has committed.
TEST_F(GroupCommitTest, WhatHasCommittedIsAnsweredAlthoughItsNeighbourIsLockedElsewhere) {
  const CreateOrderCommand there = NewCommand();
  Create({there});
  const CreateOrderCommand fresh = NewCommand();
  support::Commit(pool_, [&](pg::Tx& elsewhere) {
    elsewhere.Exec(kLockOrder, there.order.id.uuid());
    const std::vector<absl::StatusOr<CreatedOrder>> answers = SubmitAll({there, fresh});
    EXPECT_TRUE(absl::IsUnavailable(answers[0].status())) << answers[0].status();
    ASSERT_TRUE(answers[1].ok()) << answers[1].status();
    EXPECT_FALSE(answers[1]->replayed);
  });
  EXPECT_EQ(EventsOf(fresh.order.id), 1);
  EXPECT_EQ(EventsOf(there.order.id), 1);
}

TEST_F(GroupCommitTest, DropsACommandThatIsPastItsDeadline) {
  const CreateOrderCommand command = NewCommand();
  pg::GroupCommit<CreateOrderCommand, CreatedOrder> commit(pool_, {}, CreateUnrelayed);
  std::promise<absl::StatusOr<CreatedOrder>> promise;
  commit.Submit(command, absl::Now() - absl::Seconds(1),
                [&](absl::StatusOr<CreatedOrder> answer) { promise.set_value(answer); });
  commit.Start();
  EXPECT_TRUE(absl::IsDeadlineExceeded(promise.get_future().get().status()));
  commit.Stop();
  EXPECT_FALSE(GetOrder(pool_, user_, command.order.id).ok());
}

TEST_F(GroupCommitTest, AnswersUnavailableWhileTheDatabaseIsAway) {
  pg::Pool nowhere({.conninfo = "host=127.0.0.1 port=1", .statements = {}, .connections_max = 1});
  pg::GroupCommitOptions options;
  options.retry = {
      .attempts_max = 2, .time_max = absl::Seconds(1), .backoff = absl::Milliseconds(1)};
  pg::GroupCommit<CreateOrderCommand, CreatedOrder> commit(nowhere, options, CreateUnrelayed);
  std::promise<absl::StatusOr<CreatedOrder>> promise;
  commit.Submit(NewCommand(), absl::InfiniteFuture(),
                [&](absl::StatusOr<CreatedOrder> answer) { promise.set_value(answer); });
  commit.Start();
  EXPECT_TRUE(absl::IsUnavailable(promise.get_future().get().status()));
  commit.Stop();
}

}  // namespace
}  // namespace orders
