#include "platform/lifecycle/periodic.h"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace lifecycle {
namespace {

using Left = Periodic::Left;

constexpr absl::Duration kNever = absl::Hours(1);
// How long a test waits for what must come.
constexpr absl::Duration kSoon = absl::Seconds(10);

// Work that notes when it ran, and answers as it was told.
class NotedWork {
 public:
  explicit NotedWork(absl::StatusOr<Left> answer) : answer_(std::move(answer)) {}

  absl::StatusOr<Left> Run() {
    const std::lock_guard lock(mutex_);
    runs_.push_back(absl::Now());
    ran_.notify_all();
    return answer_;
  }

  void AnswerWith(absl::StatusOr<Left> answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }

  // When the first `count` runs began; fewer if they take longer than kSoon.
  std::vector<absl::Time> AwaitRuns(std::size_t count) {
    std::unique_lock lock(mutex_);
    ran_.wait_for(lock, absl::ToChronoMilliseconds(kSoon), [&] { return runs_.size() >= count; });
    return runs_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ran_;
  absl::StatusOr<Left> answer_;
  std::vector<absl::Time> runs_;
};

PeriodicOptions Options(absl::Duration interval, absl::Duration pause) {
  return {.name = "test", .interval = interval, .pause = pause};
}

TEST(PeriodicTest, RunsAtOnceAndAgainAfterEachInterval) {
  NotedWork work(Left::kNothing);
  Periodic periodic(Options(absl::Milliseconds(20), kNever), [&] { return work.Run(); });
  periodic.Start();
  const std::vector<absl::Time> runs = work.AwaitRuns(3);
  ASSERT_GE(runs.size(), 3U);
  EXPECT_GE(runs[2] - runs[0], absl::Milliseconds(40));
}

TEST(PeriodicTest, GoesOnAfterThePauseWhileThereIsMore) {
  NotedWork work(Left::kMore);
  Periodic periodic(Options(kNever, absl::Milliseconds(1)), [&] { return work.Run(); });
  periodic.Start();
  EXPECT_GE(work.AwaitRuns(3).size(), 3U);
}

TEST(PeriodicTest, WaitsTwiceAsLongAfterEachFailure) {
  NotedWork work(absl::UnavailableError("away"));
  Periodic periodic(Options(absl::Milliseconds(10), kNever), [&] { return work.Run(); });
  periodic.Start();
  const std::vector<absl::Time> runs = work.AwaitRuns(4);
  ASSERT_GE(runs.size(), 4U);
  EXPECT_GE(runs[1] - runs[0], absl::Milliseconds(10));
  EXPECT_GE(runs[2] - runs[1], absl::Milliseconds(20));
  EXPECT_GE(runs[3] - runs[2], absl::Milliseconds(40));
}

TEST(PeriodicTest, GoesOnAfterFailures) {
  NotedWork work(absl::UnavailableError("away"));
  Periodic periodic(Options(absl::Milliseconds(1), absl::Milliseconds(1)),
                    [&] { return work.Run(); });
  periodic.Start();
  const std::size_t failed = work.AwaitRuns(2).size();
  work.AnswerWith(Left::kMore);
  EXPECT_GE(work.AwaitRuns(failed + 3).size(), failed + 3);
}

TEST(PeriodicTest, AStopEndsTheWait) {
  NotedWork work(Left::kNothing);
  Periodic periodic(Options(kNever, kNever), [&] { return work.Run(); });
  periodic.Start();
  work.AwaitRuns(1);
  const absl::Time asked = absl::Now();
  periodic.Stop();
  EXPECT_LT(absl::Now() - asked, kSoon);
  periodic.Stop();  // safe twice
  EXPECT_EQ(work.AwaitRuns(1).size(), 1U);
}

TEST(PeriodicTest, MayBeStoppedWithoutAStart) {
  NotedWork work(Left::kNothing);
  Periodic periodic(Options(kNever, kNever), [&] { return work.Run(); });
  periodic.Stop();
}

}  // namespace
}  // namespace lifecycle
