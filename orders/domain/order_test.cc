#include "orders/domain/order.h"

#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace orders {
namespace {

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(DescriptionTest, MayBeEmptyAndHoldTabsAndNewlines) {
  EXPECT_TRUE(IsValidDescription(""));
  EXPECT_TRUE(IsValidDescription("one\ttwo\nthree"));
}

TEST(DescriptionTest, CountsCodePointsNotBytes) {
  EXPECT_TRUE(IsValidDescription(Repeated("\xF0\x9F\x98\x80", 1000)));
  EXPECT_FALSE(IsValidDescription(Repeated("\xD0\xB6", 1001)));
}

TEST(DescriptionTest, RefusesControlCharacters) {
  EXPECT_FALSE(IsValidDescription(std::string("a\0b", 3)));
  EXPECT_FALSE(IsValidDescription("a\rb"));
  EXPECT_FALSE(IsValidDescription("a\x7f"));
  EXPECT_FALSE(IsValidDescription("a\xC2\x85"));
  EXPECT_TRUE(IsValidDescription("\xC2\xA0"));  // a no-break space is none
}

TEST(NewOrderTest, IsNewAndTimeOrdered) {
  const UserId user = *UserId::Parse("u1");
  const absl::Time now = absl::FromUnixSeconds(1700000000);
  const Order first = NewOrder(user, Money::FromMinorUnits(100), "coffee", now);
  const Order later = NewOrder(user, Money::FromMinorUnits(100), "", now + absl::Milliseconds(1));
  EXPECT_EQ(first.status, OrderStatus::kNew);
  EXPECT_FALSE(first.cancel_reason.has_value());
  EXPECT_EQ(first.create_time, now);
  EXPECT_LT(first.id, later.id);
}

TEST(NewOrderDeathTest, RequiresAPositiveAmount) {
  EXPECT_DEATH(NewOrder(*UserId::Parse("u1"), Money(), "", absl::Now()), "CHECK failed");
}

}  // namespace
}  // namespace orders
