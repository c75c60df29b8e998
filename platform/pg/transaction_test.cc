#include "platform/pg/transaction.h"

#include <vector>

#include "gtest/gtest.h"

namespace pg {
namespace {

// Its links are lost, each time.
class LostDatabase : public Database {
 public:
  Outcome Attempt(Mode /*mode*/, absl::FunctionRef<absl::Status(Tx&)> /*work*/,
                  absl::Duration time_max) override {
    times_.push_back(time_max);
    return {End::kRunAgain, absl::InternalError("link lost")};
  }

  // What each attempt was given.
  const std::vector<absl::Duration>& times() const { return times_; }

 private:
  std::vector<absl::Duration> times_;
};

absl::Status Nothing(Tx& /*tx*/) { return absl::OkStatus(); }

TEST(RunAgainUntilKnownTest, RunsAsOftenAsItMay) {
  LostDatabase database;
  const absl::Status end = RunAgainUntilKnown(
      database, Nothing,
      {.attempts_max = 3, .time_max = absl::Minutes(1), .backoff = absl::Milliseconds(1)});
  EXPECT_TRUE(absl::IsUnavailable(end)) << end;
  EXPECT_EQ(database.times().size(), 3u);
}

TEST(RunAgainUntilKnownTest, StartsNoAttemptAfterItsTime) {
  LostDatabase database;
  const absl::Status end = RunAgainUntilKnown(
      database, Nothing,
      {.attempts_max = 3, .time_max = absl::Milliseconds(50), .backoff = absl::Seconds(1)});
  EXPECT_TRUE(absl::IsUnavailable(end)) << end;
  EXPECT_EQ(database.times().size(), 1u);
}

}  // namespace
}  // namespace pg
