#ifndef PAYMENTS_DOMAIN_CHARGE_H_
#define PAYMENTS_DOMAIN_CHARGE_H_

#include <optional>

#include "platform/types/money.h"

namespace payments {

using types::Money;

// Why an order was not paid.
enum class DeclineReason { kInsufficientFunds, kAccountNotFound };

// The decision on one order's payment. Final once committed.
struct Charge {
  // No value: approved, the account is charged.
  std::optional<DeclineReason> declined;
  // What the account holds after the decision.
  Money balance_after;

  bool approved() const { return !declined.has_value(); }
};

// Charges the whole amount or nothing. The only copy of the rule.
// `balance` has no value where the user has no account.
// Requires: amount > 0.
Charge DecideCharge(std::optional<Money> balance, Money amount);

}  // namespace payments

#endif  // PAYMENTS_DOMAIN_CHARGE_H_
