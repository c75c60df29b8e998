#ifndef ORDERS_CONSUMERS_PAYMENT_PROCESSED_CONSUMER_H_
#define ORDERS_CONSUMERS_PAYMENT_PROCESSED_CONSUMER_H_

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "orders/app/order_watchers.h"
#include "platform/messaging/inbox_consumer.h"
#include "platform/pg/tx.h"

namespace orders {

// The use case of the queue `orders.payment-processed`: settles the orders whose
// payment was decided. Answers as SettleOrders; INVALID_ARGUMENT for a message
// that is no valid PaymentProcessed.
std::vector<absl::Status> OnPaymentProcessed(pg::Tx& tx,
                                             std::span<const messaging::Delivery> deliveries,
                                             OrderWatchers& watchers);

}  // namespace orders

#endif  // ORDERS_CONSUMERS_PAYMENT_PROCESSED_CONSUMER_H_
