#include "orders/consumers/payment_processed_consumer.h"

#include "orders/app/settle_orders.h"
#include "orders/events/payment_events.h"
#include "platform/messaging/apply_decoded.h"

namespace orders {

std::vector<absl::Status> OnPaymentProcessed(pg::Tx& tx,
                                             std::span<const messaging::Delivery> deliveries) {
  return messaging::ApplyDecoded<PaymentProcessed>(
      tx, deliveries,
      [](const messaging::Delivery& delivery) { return ParsePaymentProcessed(delivery.payload); },
      SettleOrders);
}

}  // namespace orders
