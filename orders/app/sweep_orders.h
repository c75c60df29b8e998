#ifndef ORDERS_APP_SWEEP_ORDERS_H_
#define ORDERS_APP_SWEEP_ORDERS_H_

#include <cstddef>

#include "absl/time/time.h"
#include "orders/domain/sweep.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/tx.h"

namespace orders {

struct SweepOrdersCommand {
  SweepRules rules;
  // Orders at most.
  std::size_t rows_max = 500;
  // Does nothing while an event has waited in the outbox for longer: what has not
  // left yet is not lost, and a broker that takes little is not given more.
  absl::Duration outbox_age_max = absl::Seconds(5);
};

// Requests the payment of overdue orders again, by a new event made from the order's
// row. Returns of how many; 0 also while another transaction does the same.
// Run again after a commit in doubt it finds those orders no longer overdue.
// Clock: the database's alone.
std::size_t SweepOrders(pg::Tx& tx, const SweepOrdersCommand& command,
                        const messaging::Outbox& outbox);

}  // namespace orders

#endif  // ORDERS_APP_SWEEP_ORDERS_H_
