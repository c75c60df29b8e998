#include "platform/pg/group_commit.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "platform/pg/statement.h"
#include "platform/pg/transaction.h"
#include "tests/integration/support/database.h"

namespace pg {
namespace {

using TestCommit = GroupCommit<std::int64_t, std::int64_t>;

constexpr Statement kSelect{"test_select", "SELECT 1"};
constexpr Statement kEndOwnSession{"test_end_own_session",
                                   "SELECT pg_terminate_backend(pg_backend_pid())"};
constexpr Statement kLock{"test_lock", "SELECT pg_advisory_xact_lock(4711)"};

TEST(GroupCommitTest, EachThreadGetsOneAnswerPerCommandAlsoWhileItStops) {
  constexpr int kThreads = 4;
  constexpr int kCommands = 500;
  Pool pool = support::NewPool("ORDERS_DATABASE_URL", {kSelect}, 1);
  GroupCommitOptions options;
  options.name = "test";
  TestCommit commit(pool, options, [](Tx& tx, std::span<const std::int64_t> commands) {
    tx.Exec(kSelect);
    return TestCommit::Answers(commands.begin(), commands.end());
  });
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

// One by one, each command would wait for its lock_timeout.
TEST(GroupCommitTest, ABatchWhoseRowsAllStayLockedIsGivenUpInTime) {
  constexpr std::int64_t kCommands = 128;
  constexpr absl::Duration kTimeMax = absl::Seconds(5);
  Pool pool = support::NewPool("ORDERS_DATABASE_URL", {kLock}, 2);
  GroupCommitOptions options;
  options.name = "test";
  options.locked_max = absl::Milliseconds(500);
  TestCommit commit(pool, options, [](Tx& tx, std::span<const std::int64_t> commands) {
    tx.Exec(kLock);
    return TestCommit::Answers(commands.begin(), commands.end());
  });
  std::atomic<int> unavailable{0};
  const absl::Time start = absl::Now();
  const absl::Status end =
      RunAgainUntilKnown(pool,
                         [&](Tx& holder) {
                           holder.Exec(kLock);
                           for (std::int64_t command = 0; command < kCommands; ++command) {
                             commit.Submit(command, absl::InfiniteFuture(),
                                           [&](const absl::StatusOr<std::int64_t>& answer) {
                                             if (absl::IsUnavailable(answer.status()))
                                               ++unavailable;
                                           });
                           }
                           commit.Start();
                           commit.Stop();
                           return absl::OkStatus();
                         },
                         {.attempts_max = 1, .time_max = absl::Minutes(1)});
  EXPECT_TRUE(end.ok()) << end;
  EXPECT_EQ(unavailable, kCommands);
  EXPECT_LT(absl::Now() - start, kTimeMax);
}

// A command of the tests below locks its own number, and says so.
class LockedRowsTest : public ::testing::Test {
 protected:
  static constexpr Statement kLockNumber{"test_lock_number", "SELECT pg_advisory_xact_lock($1)"};

  LockedRowsTest()
      : commit_(pool_, Options(), [this](Tx& tx, std::span<const std::int64_t> commands) {
          Began({commands.begin(), commands.end()});
          for (const std::int64_t command : commands) tx.Exec(kLockNumber, command);
          return TestCommit::Answers(commands.begin(), commands.end());
        }) {}

  static GroupCommitOptions Options() {
    GroupCommitOptions options;
    options.name = "test";
    return options;
  }

  void Submit(std::int64_t command) {
    commit_.Submit(command, absl::InfiniteFuture(),
                   [this, command](const absl::StatusOr<std::int64_t>& answer) {
                     const absl::MutexLock lock(&mutex_);
                     told_.emplace(command, answer.status());
                   });
  }

  // True once `condition` of batches_ and told_ holds, within 10 s.
  template <typename Condition>
  bool Comes(Condition condition) {
    const absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&condition), absl::Seconds(10));
  }

  // Has the holder lock the number, and its command find it locked.
  void SubmitLocked(Tx& holder, std::int64_t number) {
    holder.Exec(kLockNumber, number);
    Submit(number);
    const std::vector<std::int64_t> alone{number};
    EXPECT_TRUE(
        Comes([&] { return std::ranges::count(batches_, alone) >= 2 || told_.contains(number); }));
  }

  // The worker's and two holders'.
  Pool pool_ = support::NewPool("ORDERS_DATABASE_URL", {kLockNumber}, 3);
  absl::Mutex mutex_;
  std::vector<std::vector<std::int64_t>> batches_;
  std::map<std::int64_t, absl::Status> told_;
  TestCommit commit_;

 private:
  void Began(std::vector<std::int64_t> batch) {
    const absl::MutexLock lock(&mutex_);
    batches_.push_back(std::move(batch));
  }
};

TEST_F(LockedRowsTest, ACommandWhoseRowsAreLockedIsDoneOnceTheyAreFree) {
  commit_.Start();
  support::Commit(pool_, [&](Tx& holder) { SubmitLocked(holder, 1); });
  commit_.Stop();
  EXPECT_TRUE(told_.at(1).ok()) << told_.at(1);
}

TEST_F(LockedRowsTest, ALockedCommandDoesNotWaitForAnothersLock) {
  commit_.Start();
  for (const bool first_is_freed : {true, false}) {
    told_.clear();
    batches_.clear();
    support::Commit(pool_, [&](Tx& longer) {
      support::Commit(pool_, [&](Tx& shorter) {
        SubmitLocked(first_is_freed ? shorter : longer, 1);
        SubmitLocked(first_is_freed ? longer : shorter, 2);
      });
      const std::int64_t freed = first_is_freed ? 1 : 2;
      EXPECT_TRUE(Comes([&] { return told_.contains(freed); }));
      EXPECT_TRUE(told_.at(freed).ok()) << told_.at(freed);
    });
    EXPECT_TRUE(Comes([&] { return told_.size() == 2; }));
  }
  commit_.Stop();
}

TEST_F(LockedRowsTest, WhatWasFoundLockedIsTriedApartFromOthers) {
  commit_.Start();
  support::Commit(pool_, [&](Tx& holder) {
    SubmitLocked(holder, 1);
    for (std::int64_t other = 2; other < 10; ++other) Submit(other);
    EXPECT_TRUE(Comes([&] { return told_.size() == 8; }));
  });
  commit_.Stop();
  for (const std::vector<std::int64_t>& batch : batches_) {
    const bool apart = batch.size() == 1 || std::ranges::find(batch, 1) == batch.end();
    EXPECT_TRUE(apart) << "in a batch of " << batch.size();
  }
  for (const auto& [command, told] : told_) EXPECT_TRUE(told.ok()) << command << ": " << told;
}

// What one command is told that is answered ABORTED each time, with the link lost in its first
// runs.
absl::Status ToldWhenInTheWay(int lost_runs) {
  Pool pool = support::NewPool("ORDERS_DATABASE_URL", {kEndOwnSession}, 1);
  GroupCommitOptions options;
  options.name = "test";
  options.mode = Database::Mode::kStatements;
  options.aborted_again_max = absl::ZeroDuration();
  int runs = 0;
  TestCommit commit(pool, options, [&](Tx& tx, std::span<const std::int64_t> commands) {
    if (++runs <= lost_runs) tx.Exec(kEndOwnSession);
    return TestCommit::Answers(commands.size(), absl::AbortedError("in the way"));
  });
  absl::Status told;
  commit.Submit(1, absl::InfiniteFuture(),
                [&](const absl::StatusOr<std::int64_t>& answer) { told = answer.status(); });
  commit.Start();
  commit.Stop();
  return told;
}

TEST(GroupCommitTest, WhatIsInTheWayOfACommandMayBeItsOwnFirstRun) {
  EXPECT_TRUE(absl::IsAborted(ToldWhenInTheWay(0))) << ToldWhenInTheWay(0);
  EXPECT_TRUE(absl::IsUnavailable(ToldWhenInTheWay(1))) << ToldWhenInTheWay(1);
}

}  // namespace
}  // namespace pg
