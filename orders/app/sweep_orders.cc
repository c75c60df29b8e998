#include "orders/app/sweep_orders.h"

#include <string_view>
#include <vector>

#include "orders/events/payment_events.h"
#include "orders/store/sweep_store.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/advisory_lock.h"

namespace orders {
namespace {

constexpr std::string_view kLock = "orders sweeper";

}  // namespace

std::size_t SweepOrders(pg::Tx& tx, const SweepOrdersCommand& command,
                        const messaging::Outbox& outbox) {
  if (!pg::TryLock(tx, kLock)) return 0;
  const SweepMoment moment = SelectSweepMoment(tx);
  const absl::Time before = OverdueBefore(moment.now, moment.newest_settled, command.rules);
  const std::vector<Order> overdue = LockNewOrdersBefore(tx, before, command.rows_max);
  // Asked last: mostly nothing is overdue, and the outbox need not be read.
  if (overdue.empty() || messaging::OutboxIsLate(tx, command.outbox_age_max)) return 0;

  std::vector<SweepRow> rows;
  std::vector<messaging::OutboxMessage> requests;
  for (const Order& order : overdue) {
    rows.push_back({order.id, TakenAsMadeAt(order.create_time, moment.now)});
    // Of no call: there is no trace to go on with.
    requests.push_back(PaymentRequested(order, types::Uuid::V7(moment.now), ""));
  }
  UpdateSweepTimes(tx, rows);
  outbox.Append(tx, std::move(requests));
  return overdue.size();
}

}  // namespace orders
