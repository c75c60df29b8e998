#ifndef ORDERS_EVENTS_PAYMENT_EVENTS_H_
#define ORDERS_EVENTS_PAYMENT_EVENTS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "orders/domain/order.h"
#include "platform/messaging/outbox.h"
#include "platform/types/uuid.h"

// Domain <-> event bytes, the only file that knows the events' protobuf.
namespace orders {

// Full protobuf names: AMQP type and routing key of an event that goes alone.
inline constexpr std::string_view kPaymentRequestedType = "orders.events.v1.PaymentRequested";
inline constexpr std::string_view kPaymentProcessedType = "payments.events.v1.PaymentProcessed";

// The request to pay `order`, as an outbox row.
messaging::OutboxMessage PaymentRequested(const Order& order, const types::Uuid& event_id,
                                          std::string trace);

// What payments decided about one order.
struct PaymentProcessed {
  OrderId order_id;
  UserId user_id;
  Money amount;
  Settlement settlement;
};

// INVALID_ARGUMENT if the bytes are no PaymentProcessed, or one that cannot be:
// foreign bytes are validated like a user's input.
absl::StatusOr<PaymentProcessed> ParsePaymentProcessed(const std::string& payload);

}  // namespace orders

#endif  // ORDERS_EVENTS_PAYMENT_EVENTS_H_
