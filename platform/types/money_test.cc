#include "platform/types/money.h"

#include <cstdint>
#include <limits>

#include "gtest/gtest.h"

namespace types {
namespace {

const Money kMost = Money::FromMinorUnits(Money::kMinorUnitsMax);

TEST(MoneyTest, MostIsTheLargestIntegerThatEveryJsonClientReadsExactly) {
  EXPECT_EQ(Money::kMinorUnitsMax, 9'007'199'254'740'991);
}

TEST(MoneyTest, ABalanceMayBeZeroButNotNegativeNorAboveTheMost) {
  EXPECT_TRUE(Money::IsValid(0));
  EXPECT_TRUE(Money::IsValid(Money::kMinorUnitsMax));
  EXPECT_FALSE(Money::IsValid(-1));
  EXPECT_FALSE(Money::IsValid(Money::kMinorUnitsMax + 1));
  EXPECT_FALSE(Money::IsValid(std::numeric_limits<std::int64_t>::min()));
  EXPECT_FALSE(Money::IsValid(std::numeric_limits<std::int64_t>::max()));
}

TEST(MoneyTest, AnAmountIsAtLeastOneMinorUnit) {
  EXPECT_FALSE(Money::IsValidAmount(0));
  EXPECT_TRUE(Money::IsValidAmount(1));
  EXPECT_TRUE(Money::IsValidAmount(Money::kMinorUnitsMax));
  EXPECT_FALSE(Money::IsValidAmount(Money::kMinorUnitsMax + 1));
}

TEST(MoneyTest, DefaultIsZero) { EXPECT_EQ(Money(), Money::FromMinorUnits(0)); }

TEST(MoneyTest, AddsAndSubtractsExactly) {
  const Money one = Money::FromMinorUnits(1);
  const Money below_most = Money::FromMinorUnits(Money::kMinorUnitsMax - 1);
  EXPECT_EQ(below_most + one, kMost);
  EXPECT_EQ(kMost - one, below_most);
  EXPECT_EQ(kMost - kMost, Money());
}

TEST(MoneyTest, TellsBeforehandWhetherASumFits) {
  const Money one = Money::FromMinorUnits(1);
  EXPECT_TRUE(Money::FromMinorUnits(Money::kMinorUnitsMax - 1).FitsAfterAdding(one));
  EXPECT_FALSE(kMost.FitsAfterAdding(one));
  EXPECT_FALSE(kMost.FitsAfterAdding(kMost));
}

TEST(MoneyTest, ComparesByAmount) {
  EXPECT_LT(Money::FromMinorUnits(99), Money::FromMinorUnits(100));
  EXPECT_GE(Money::FromMinorUnits(100), Money::FromMinorUnits(100));
}

TEST(MoneyDeathTest, LeavingTheRangeIsABrokenPromise) {
  const Money one = Money::FromMinorUnits(1);
  EXPECT_DEATH(Money::FromMinorUnits(-1), "CHECK failed");
  EXPECT_DEATH(kMost + one, "CHECK failed");
  EXPECT_DEATH(Money() - one, "CHECK failed");
}

}  // namespace
}  // namespace types
