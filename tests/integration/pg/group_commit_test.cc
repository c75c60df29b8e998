#include "platform/pg/group_commit.h"

#include <atomic>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "platform/pg/statement.h"
#include "tests/integration/support/database.h"

namespace pg {
namespace {

constexpr Statement kSelect{"test_select", "SELECT 1"};

TEST(GroupCommitTest, EachThreadGetsOneAnswerPerCommandAlsoWhileItStops) {
  using TestCommit = GroupCommit<std::int64_t, std::int64_t>;
  constexpr int kThreads = 4;
  constexpr int kCommands = 500;
  Pool pool = support::NewPool("ORDERS_DATABASE_URL", {kSelect}, 1);
  GroupCommitOptions options;
  options.name = "test";
  TestCommit commit(
      pool, options,
      [](Tx& tx, std::span<const std::int64_t> commands) {
        tx.Exec(kSelect);
        return TestCommit::Answers(commands.begin(), commands.end());
      },
      [] {});
  commit.Start();
  std::atomic<int> committed{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (std::int64_t command = 0; command < kCommands; ++command) {
        commit.Submit(
            command, absl::InfiniteFuture(),
            [&, command](const absl::StatusOr<std::int64_t>& answer) {
              EXPECT_TRUE(answer.ok() ? *answer == command : absl::IsUnavailable(answer.status()));
              ++(answer.ok() ? committed : refused);
            });
      }
    });
  }
  commit.Stop();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(committed + refused, kThreads * kCommands);
}

}  // namespace
}  // namespace pg
