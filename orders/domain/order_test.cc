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

Order Coffee() {
  return NewOrder(*UserId::Parse("u1"), Money::FromMinorUnits(100), "coffee",
                  absl::FromUnixSeconds(1));
}

TEST(AsCreatedTest, ForgetsWhatHasBecomeOfTheOrder) {
  const Order created = Coffee();
  Order settled = created;
  settled.status = OrderStatus::kCancelled;
  settled.cancel_reason = CancelReason::kInsufficientFunds;
  settled.update_time = absl::FromUnixSeconds(2);
  const Order shown = AsCreated(settled);
  EXPECT_EQ(shown.id, created.id);
  EXPECT_EQ(shown.status, OrderStatus::kNew);
  EXPECT_EQ(shown.cancel_reason, std::nullopt);
  EXPECT_EQ(shown.create_time, created.create_time);
  EXPECT_EQ(shown.update_time, created.update_time);
}

TEST(AskForTheSameTest, AmountAndDescriptionDecide) {
  const Order order = Coffee();
  EXPECT_TRUE(AskForTheSame(order, Coffee()));
  Order other = Coffee();
  other.amount = Money::FromMinorUnits(101);
  EXPECT_FALSE(AskForTheSame(order, other));
  other = Coffee();
  other.description = "tea";
  EXPECT_FALSE(AskForTheSame(order, other));
}

}  // namespace
}  // namespace orders
