#include "payments/domain/charge.h"

#include "gtest/gtest.h"

namespace payments {
namespace {

Money Cents(std::int64_t minor_units) { return Money::FromMinorUnits(minor_units); }

TEST(DecideChargeTest, ApprovesDownToAnEmptyAccount) {
  const Charge charge = DecideCharge(Cents(100), Cents(100));
  EXPECT_TRUE(charge.approved());
  EXPECT_EQ(charge.balance_after, Cents(0));
}

TEST(DecideChargeTest, DeclinesWhenBalanceIsOneMinorUnitShort) {
  const Charge charge = DecideCharge(Cents(99), Cents(100));
  EXPECT_EQ(charge.declined, DeclineReason::kInsufficientFunds);
  EXPECT_EQ(charge.balance_after, Cents(99));
}

TEST(DecideChargeTest, DeclinesWithoutAnAccount) {
  EXPECT_EQ(DecideCharge(std::nullopt, Cents(1)).declined, DeclineReason::kAccountNotFound);
}

TEST(DecideChargeTest, HoldsAtTheLargestAmount) {
  const Charge charge = DecideCharge(Cents(Money::kMinorUnitsMax), Cents(Money::kMinorUnitsMax));
  EXPECT_TRUE(charge.approved());
  EXPECT_EQ(charge.balance_after, Cents(0));
}

TEST(DecideChargeDeathTest, RequiresAPositiveAmount) {
  EXPECT_DEATH(DecideCharge(Cents(1), Cents(0)), "CHECK failed");
}

}  // namespace
}  // namespace payments
