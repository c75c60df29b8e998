#ifndef PLATFORM_TYPES_MONEY_H_
#define PLATFORM_TYPES_MONEY_H_

#include <compare>
#include <cstdint>

#include "platform/check/check.h"

namespace types {

// An amount of money in minor units (cents). No currency: the system has one.
//
// Range: 0 to 2^53 - 1, the largest integer every JSON client reads exactly.
//        Arithmetic that would leave the range is a broken promise (CHECK);
//        ask FitsAfterAdding first.
class Money {
 public:
  static constexpr std::int64_t kMinorUnitsMax = (std::int64_t{1} << 53) - 1;

  Money() = default;

  // Requires: IsValid(minor_units).
  static Money FromMinorUnits(std::int64_t minor_units) {
    CHECK(IsValid(minor_units));
    return Money(minor_units);
  }

  static bool IsValid(std::int64_t minor_units) {
    return minor_units >= 0 && minor_units <= kMinorUnitsMax;
  }

  // What may be ordered or topped up: 1 to kMinorUnitsMax.
  static bool IsValidAmount(std::int64_t minor_units) {
    return minor_units > 0 && minor_units <= kMinorUnitsMax;
  }

  std::int64_t minor_units() const { return minor_units_; }

  bool FitsAfterAdding(Money other) const {
    return minor_units_ <= kMinorUnitsMax - other.minor_units_;
  }

  friend Money operator+(Money a, Money b) {
    CHECK(a.FitsAfterAdding(b));
    return Money(a.minor_units_ + b.minor_units_);
  }
  friend Money operator-(Money a, Money b) {
    CHECK(a >= b);
    return Money(a.minor_units_ - b.minor_units_);
  }
  friend auto operator<=>(const Money&, const Money&) = default;

 private:
  explicit Money(std::int64_t minor_units) : minor_units_(minor_units) {}

  std::int64_t minor_units_ = 0;
};

}  // namespace types

#endif  // PLATFORM_TYPES_MONEY_H_
