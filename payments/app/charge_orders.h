#ifndef PAYMENTS_APP_CHARGE_ORDERS_H_
#define PAYMENTS_APP_CHARGE_ORDERS_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "payments/events/payment_events.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/tx.h"
#include "platform/types/uuid.h"

namespace payments {

// One PaymentRequested as it arrived.
struct ChargeOrderCommand {
  // The event's id: one that was seen before has been answered.
  types::Uuid event_id;
  PaymentRequested request;
  // W3C traceparent of the request, or empty; handed on to the answer.
  std::string trace;
};

// Decides each order's payment once and for ever, in the order of `commands`,
// and puts the PaymentProcessed into the outbox. An order decided before is
// answered with that decision; nothing is charged twice.
// Answers: OK: decided, now or before.
//          FAILED_PRECONDITION: decided before for another user or amount.
// Guard:   payment_transactions' primary key; the inbox only saves work.
std::vector<absl::Status> ChargeOrders(pg::Tx& tx, std::span<const ChargeOrderCommand> commands,
                                       absl::Time now, const messaging::Outbox& outbox);

}  // namespace payments

#endif  // PAYMENTS_APP_CHARGE_ORDERS_H_
