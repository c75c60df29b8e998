#ifndef ORDERS_DOMAIN_ORDER_H_
#define ORDERS_DOMAIN_ORDER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "platform/types/idempotency_key.h"
#include "platform/types/money.h"
#include "platform/types/strong_id.h"
#include "platform/types/user_id.h"

namespace orders {

using types::IdempotencyKey;
using types::Money;
using types::UserId;
using OrderId = types::StrongId<struct OrderTag>;

enum class OrderStatus { kNew, kFinished, kCancelled };

// Why a cancelled order was not paid.
enum class CancelReason { kInsufficientFunds, kAccountNotFound };

// An order of one user. It starts kNew and settles once, to kFinished or
// kCancelled; a settled order never changes again.
struct Order {
  OrderId id;
  UserId user_id;
  Money amount;
  std::string description;
  OrderStatus status = OrderStatus::kNew;
  // Set exactly when kCancelled.
  std::optional<CancelReason> cancel_reason;
  absl::Time create_time;
  // When the status last changed.
  absl::Time update_time;
  // Of the call that created it; no value if that had none.
  std::optional<IdempotencyKey> idempotency_key;
};

// How the payment of an order ended: what settles it.
struct Settlement {
  // kFinished or kCancelled.
  OrderStatus status = OrderStatus::kFinished;
  // Set exactly when kCancelled.
  std::optional<CancelReason> cancel_reason;
};

// Code points in a description at most.
inline constexpr std::size_t kDescriptionCharactersMax = 1000;

// At most kDescriptionCharactersMax code points, no control characters but tab
// and newline. Requires: `text` is UTF-8, as every protobuf string is.
bool IsValidDescription(std::string_view text);

// Requires: amount > 0 and IsValidDescription(description).
Order NewOrder(UserId user_id, Money amount, std::string description, absl::Time now);

// The order as it was when it was created, whatever has become of it.
Order AsCreated(Order order);

// Whether both were asked for in the same words: what one idempotency key stands for.
bool AskForTheSame(const Order& one, const Order& other);

}  // namespace orders

#endif  // ORDERS_DOMAIN_ORDER_H_
