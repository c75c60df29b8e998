#include "payments/consumers/payment_requested_consumer.h"

#include <utility>

#include "absl/status/statusor.h"
#include "payments/app/charge_orders.h"
#include "payments/events/payment_events.h"
#include "platform/messaging/apply_decoded.h"

namespace payments {
namespace {

absl::StatusOr<ChargeOrderCommand> Decode(const messaging::Delivery& delivery) {
  absl::StatusOr<PaymentRequested> request = ParsePaymentRequested(delivery.payload);
  if (!request.ok()) return request.status();
  return ChargeOrderCommand{
      .event_id = delivery.event_id, .request = *std::move(request), .trace = delivery.trace};
}

}  // namespace

std::vector<absl::Status> OnPaymentRequested(pg::Tx& tx,
                                             std::span<const messaging::Delivery> deliveries,
                                             absl::Time now, const messaging::Outbox& outbox) {
  return messaging::ApplyDecoded<ChargeOrderCommand>(
      tx, deliveries, Decode,
      [now, &outbox](pg::Tx& in, std::span<const ChargeOrderCommand> commands) {
        return ChargeOrders(in, commands, now, outbox);
      });
}

}  // namespace payments
