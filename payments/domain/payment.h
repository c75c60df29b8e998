#ifndef PAYMENTS_DOMAIN_PAYMENT_H_
#define PAYMENTS_DOMAIN_PAYMENT_H_

#include <optional>

#include "absl/time/time.h"
#include "payments/domain/account.h"
#include "payments/domain/charge.h"

namespace payments {

// The decision on one order's payment. Taken once, final.
struct Payment {
  OrderId order_id;
  UserId user_id;
  Money amount;
  // No value: charged.
  std::optional<DeclineReason> declined;
  absl::Time create_time;
};

}  // namespace payments

#endif  // PAYMENTS_DOMAIN_PAYMENT_H_
