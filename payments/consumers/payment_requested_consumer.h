#ifndef PAYMENTS_CONSUMERS_PAYMENT_REQUESTED_CONSUMER_H_
#define PAYMENTS_CONSUMERS_PAYMENT_REQUESTED_CONSUMER_H_

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "platform/messaging/inbox_consumer.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/tx.h"

namespace payments {

// The use case of the queue `payments.payment-requested`: decides the payments.
// Answers as ChargeOrders; INVALID_ARGUMENT for a message that is no valid
// PaymentRequested.
std::vector<absl::Status> OnPaymentRequested(pg::Tx& tx,
                                             std::span<const messaging::Delivery> deliveries,
                                             absl::Time now, const messaging::Outbox& outbox);

}  // namespace payments

#endif  // PAYMENTS_CONSUMERS_PAYMENT_REQUESTED_CONSUMER_H_
