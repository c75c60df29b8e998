#include "orders/app/settle_orders.h"

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

}  // namespace

std::vector<absl::Status> SettleOrders(pg::Tx& tx, std::span<const PaymentProcessed> payments,
                                       OrderWatchers& watchers) {
  std::vector<SettleRow> rows;
  std::vector<OrderId> ids;
  for (const PaymentProcessed& payment : payments) {
    rows.push_back({payment.order_id, payment.user_id, payment.amount, payment.settlement});
    ids.push_back(payment.order_id);
  }
  tx.AfterCommit([&watchers, ids] { watchers.MayHaveSettled(ids); });
  const std::size_t settled = SettleNewOrders(tx, rows);
  if (settled == payments.size()) return {payments.size(), absl::OkStatus()};

  // Some were settled before, came twice, or do not match their order.
  const absl::flat_hash_map<OrderId, OrderTerms> terms = SelectOrderTerms(tx, ids);
  std::vector<absl::Status> answers;
  answers.reserve(payments.size());
  for (const PaymentProcessed& payment : payments) answers.push_back(Judge(payment, terms));
  return answers;
}

}  // namespace orders
