#include "orders/domain/sweep.h"

#include <optional>

#include "gtest/gtest.h"

namespace orders {
namespace {

constexpr SweepRules kRules{.overtaken_after = absl::Seconds(60),
                            .waiting_after = absl::Minutes(10)};
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(OverdueBeforeTest, IsAMinuteAgoWhileNewOrdersSettle) {
  EXPECT_EQ(OverdueBefore(kNow, kNow - absl::Seconds(1), kRules), kNow - absl::Seconds(60));
}

TEST(OverdueBeforeTest, IsWhereTheOrdersThatHaveSettledEnd) {
  EXPECT_EQ(OverdueBefore(kNow, kNow - absl::Seconds(90), kRules), kNow - absl::Seconds(90));
}

TEST(OverdueBeforeTest, IsTenMinutesAgoWhereNothingNewerHasSettled) {
  EXPECT_EQ(OverdueBefore(kNow, std::nullopt, kRules), kNow - absl::Minutes(10));
  EXPECT_EQ(OverdueBefore(kNow, kNow - absl::Hours(1), kRules), kNow - absl::Minutes(10));
}

TEST(OverdueBeforeTest, AnOrderFromTheFutureMakesNothingOverdueEarly) {
  EXPECT_EQ(OverdueBefore(kNow, kNow + absl::Hours(1), kRules), kNow - absl::Seconds(60));
}

TEST(TakenAsMadeAtTest, DoublesTheWaitWithEachRequest) {
  const absl::Time create_time = kNow;
  absl::Time made = create_time;
  absl::Time requested = create_time;
  for (const int minutes : {1, 2, 4, 8}) {
    const absl::Time due = requested + absl::Minutes(minutes);
    EXPECT_EQ(OverdueBefore(due, absl::InfiniteFuture(), kRules), made);
    made = TakenAsMadeAt(create_time, due);
    requested = due;
  }
}

TEST(TakenAsMadeAtTest, DoublesTheWaitAlsoWhileNothingSettles) {
  const absl::Time create_time = kNow;
  absl::Time made = create_time;
  absl::Time requested = create_time;
  for (const int minutes : {10, 20, 40}) {
    const absl::Time due = requested + absl::Minutes(minutes);
    EXPECT_EQ(OverdueBefore(due, std::nullopt, kRules), made);
    made = TakenAsMadeAt(create_time, due);
    requested = due;
  }
}

}  // namespace
}  // namespace orders
