#ifndef ORDERS_APP_SETTLE_ORDERS_H_
#define ORDERS_APP_SETTLE_ORDERS_H_

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "orders/app/order_watchers.h"
#include "orders/events/payment_events.h"
#include "platform/pg/tx.h"

namespace orders {

// Settles each NEW order as payments decided, by one statement, which may commit by itself; a
// settled one stays as it is.
// Answers: OK: settled, now or before.
//          NOT_FOUND: no such order. An order commits before its payment is
//          requested, so it will not appear later.
//          FAILED_PRECONDITION: the order has another user or amount.
// The commit tells `watchers`, which outlive it.
std::vector<absl::Status> SettleOrders(pg::Tx& tx, std::span<const PaymentProcessed> payments,
                                       OrderWatchers& watchers);

}  // namespace orders

#endif  // ORDERS_APP_SETTLE_ORDERS_H_
