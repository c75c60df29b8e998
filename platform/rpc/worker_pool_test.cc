#include "platform/rpc/worker_pool.h"

#include <atomic>
#include <future>

#include "gtest/gtest.h"

namespace rpc {
namespace {

TEST(WorkerPoolTest, RunsTasksSideBySide) {
  WorkerPool pool({.threads = 2, .queue_tasks_max = 2});
  pool.Start();
  std::promise<void> first;
  std::promise<void> second;
  // Each waits for the other: one thread alone would never end.
  ASSERT_TRUE(pool.Submit([&] { first.set_value(), second.get_future().wait(); }));
  ASSERT_TRUE(pool.Submit([&] { second.set_value(), first.get_future().wait(); }));
  pool.Stop();
}

TEST(WorkerPoolTest, RefusesWhatItsQueueCannotHold) {
  WorkerPool pool({.threads = 1, .queue_tasks_max = 1});
  pool.Start();
  std::promise<void> running;
  std::promise<void> release;
  std::atomic<int> run = 0;
  ASSERT_TRUE(pool.Submit([&] {
    running.set_value();
    release.get_future().wait();
    ++run;
  }));
  running.get_future().wait();
  EXPECT_TRUE(pool.Submit([&] { ++run; }));
  EXPECT_FALSE(pool.Submit([&] { ++run; }));
  release.set_value();
  pool.Stop();
  EXPECT_EQ(run, 2);
}

TEST(WorkerPoolTest, StopRunsWhatWaitsAndTakesNoMore) {
  WorkerPool pool({.threads = 1, .queue_tasks_max = 100});
  std::atomic<int> run = 0;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.Submit([&] { ++run; }));
  pool.Start();
  pool.Stop();
  pool.Stop();
  EXPECT_EQ(run, 100);
  EXPECT_FALSE(pool.Submit([&] { ++run; }));
}

}  // namespace
}  // namespace rpc
