#include "platform/failpoint/failpoint.h"

#include <csignal>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace failpoint {
namespace {

TEST(FailpointTest, DoesNothingUnlessItIsSet) {
  absl::StatusOr<Failpoints> failpoints = Failpoints::Parse("");
  ASSERT_TRUE(failpoints.ok());
  failpoints->At("create_before_commit").Hit();
  Failpoint().Hit();
  EXPECT_TRUE(failpoints->Announce().ok());
}

TEST(FailpointDeathTest, AbortKillsTheProcessAtTheHitThatIsNamed) {
  EXPECT_EXIT(
      {
        absl::StatusOr<Failpoints> failpoints = Failpoints::Parse("a=abort@3, b=abort");
        const Failpoint a = failpoints->At("a");
        a.Hit();
        a.Hit();
        std::fputs("two hits outlived\n", stderr);
        a.Hit();
      },
      testing::KilledBySignal(SIGKILL), "two hits outlived");
}

TEST(FailpointTest, DelayWaitsAtEachHit) {
  absl::StatusOr<Failpoints> failpoints = Failpoints::Parse("a=delay:20");
  ASSERT_TRUE(failpoints.ok());
  const Failpoint a = failpoints->At("a");
  const absl::Time start = absl::Now();
  a.Hit();
  a.Hit();
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(40));
}

TEST(FailpointTest, RefusesWhatItCannotRead) {
  for (const char* setting : {"a", "=abort", "a=", "a=kill", "a=abort@0", "a=abort@x",
                              "a=delay:", "a=delay:60001", "a=abort@1000001", "a=abort,a=abort"}) {
    EXPECT_FALSE(Failpoints::Parse(setting).ok()) << setting;
  }
}

TEST(FailpointTest, NamesASetFailpointThatNobodyHas) {
  absl::StatusOr<Failpoints> failpoints = Failpoints::Parse("there=abort,mistyped=abort");
  ASSERT_TRUE(failpoints.ok());
  failpoints->At("there");
  const absl::Status missing = failpoints->Announce();
  EXPECT_NE(missing.message().find("mistyped"), absl::string_view::npos) << missing;
}

}  // namespace
}  // namespace failpoint
