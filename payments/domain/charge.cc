#include "payments/domain/charge.h"

#include "platform/check/check.h"

namespace payments {

Charge DecideCharge(std::optional<Money> balance, Money amount) {
  CHECK(amount > Money::FromMinorUnits(0));
  if (!balance) return {.declined = DeclineReason::kAccountNotFound, .balance_after = Money()};
  if (*balance < amount) {
    return {.declined = DeclineReason::kInsufficientFunds, .balance_after = *balance};
  }
  return {.declined = std::nullopt, .balance_after = *balance - amount};
}

}  // namespace payments
