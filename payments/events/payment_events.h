#ifndef PAYMENTS_EVENTS_PAYMENT_EVENTS_H_
#define PAYMENTS_EVENTS_PAYMENT_EVENTS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "payments/domain/payment.h"
#include "platform/messaging/outbox.h"
#include "platform/types/uuid.h"

// Domain <-> event bytes, the only file that knows the events' protobuf.
namespace payments {

// Full protobuf names: AMQP type and routing key of an event that goes alone.
inline constexpr std::string_view kPaymentRequestedType = "orders.events.v1.PaymentRequested";
inline constexpr std::string_view kPaymentProcessedType = "payments.events.v1.PaymentProcessed";

// What an order asks for.
struct PaymentRequested {
  OrderId order_id;
  UserId user_id;
  Money amount;
};

// INVALID_ARGUMENT if the bytes are no PaymentRequested, or one that cannot be:
// foreign bytes are validated like a user's input.
absl::StatusOr<PaymentRequested> ParsePaymentRequested(const std::string& payload);

// The answer to a request, as an outbox row.
messaging::OutboxMessage PaymentProcessed(const Payment& payment, const types::Uuid& event_id,
                                          std::string trace);

}  // namespace payments

#endif  // PAYMENTS_EVENTS_PAYMENT_EVENTS_H_
