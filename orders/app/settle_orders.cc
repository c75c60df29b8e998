#include "orders/app/settle_orders.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "orders/store/orders_store.h"

namespace orders {
namespace {

absl::Status Judge(const PaymentProcessed& payment,
                   const absl::flat_hash_map<OrderId, OrderTerms>& terms) {
  const auto found = terms.find(payment.order_id);
  if (found == terms.end()) return absl::NotFoundError("no such order");
  if (found->second.user_id != payment.user_id || found->second.amount != payment.amount) {
    return absl::FailedPreconditionError("the order has another user or amount");
  }
  return absl::OkStatus();
}

// Whoever watches one of the orders is told by the commit, without a read; who comes to watch after
// the look here, or watches an order that was settled before, by the watch poll.
std::size_t SettleAndTell(pg::Tx& tx, std::span<const SettleRow> rows,
                          const std::vector<OrderId>& ids, OrderWatchers& watchers) {
  std::size_t count = 0;
  if (watchers.WatchAny(ids)) {
    std::vector<Order> settled = SettleNewOrdersReturning(tx, rows);
    count = settled.size();
    tx.AfterCommit([&watchers, settled = std::move(settled)] {
      for (const Order& order : settled) watchers.Tell(order);
    });
  } else {
    count = SettleNewOrders(tx, rows);
  }
  tx.AfterCommit([&watchers, ids] { watchers.MayHaveSettled(ids); });
  return count;
}

}  // namespace

std::vector<absl::Status> SettleOrders(pg::Tx& tx, std::span<const PaymentProcessed> payments,
                                       OrderWatchers& watchers) {
  std::vector<SettleRow> rows;
  std::vector<OrderId> ids;
  for (const PaymentProcessed& payment : payments) {
    rows.push_back({payment.order_id, payment.user_id, payment.amount, payment.settlement});
    ids.push_back(payment.order_id);
  }
  const std::size_t settled = SettleAndTell(tx, rows, ids, watchers);
  if (settled == payments.size()) return {payments.size(), absl::OkStatus()};

  // Some were settled before, came twice, or do not match their order.
  const absl::flat_hash_map<OrderId, OrderTerms> terms = SelectOrderTerms(tx, ids);
  std::vector<absl::Status> answers;
  answers.reserve(payments.size());
  for (const PaymentProcessed& payment : payments) answers.push_back(Judge(payment, terms));
  return answers;
}

}  // namespace orders
