#include "orders/consumers/payment_processed_consumer.h"

#include "orders/app/settle_orders.h"
#include "orders/events/payment_events.h"
#include "platform/messaging/apply_decoded.h"

namespace orders {

std::vector<absl::Status> OnPaymentProcessed(pg::Tx& tx,
                                             std::span<const messaging::Delivery> deliveries,
                                             OrderWatchers& watchers) {
  return messaging::ApplyDecoded<PaymentProcessed>(
      tx, deliveries,
      [](const messaging::Delivery& delivery) { return ParsePaymentProcessed(delivery.payload); },
      [&watchers](pg::Tx& settling, std::span<const PaymentProcessed> payments) {
        return SettleOrders(settling, payments, watchers);
      });
}

}  // namespace orders
