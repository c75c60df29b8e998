#include "orders/app/create_orders.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "orders/events/payment_events.h"
#include "orders/store/orders_store.h"
#include "platform/messaging/outbox.h"
#include "platform/types/error.h"

namespace orders {
namespace {

using OrdersOfKeys = absl::flat_hash_map<KeyOfUser, Order>;

// The orders that stand where these could not be inserted; of those without a key,
// which an earlier run inserted, none.
OrdersOfKeys OrdersInPlaceOf(pg::Tx& tx, std::span<const Order> absent) {
  std::vector<KeyOfUser> keys;
  for (const Order& order : absent) {
    if (order.idempotency_key) keys.emplace_back(order.user_id, *order.idempotency_key);
  }
  return keys.empty() ? OrdersOfKeys() : LockOrdersOfKeys(tx, keys);
}

// The answer to the command that asked for an order which is not inserted.
absl::StatusOr<CreatedOrder> AnswerFrom(const OrdersOfKeys& there, const Order& asked) {
  if (!asked.idempotency_key) return CreatedOrder{.order = asked};
  const auto found = there.find({asked.user_id, *asked.idempotency_key});
  if (found == there.end()) return types::IdempotencyKeyInUse();
  if (found->second.id == asked.id) return CreatedOrder{.order = asked};
  if (!AskForTheSame(asked, found->second)) return types::IdempotencyKeyReused();
  return CreatedOrder{.order = AsCreated(found->second), .replayed = true};
}

}  // namespace

std::vector<absl::StatusOr<CreatedOrder>> CreateOrders(pg::Tx& tx,
                                                       std::span<const CreateOrderCommand> commands,
                                                       const messaging::Outbox& outbox) {
  std::vector<Order> orders;
  std::vector<messaging::OutboxMessage> requests;
  orders.reserve(commands.size());
  requests.reserve(commands.size());
  for (const CreateOrderCommand& command : commands) {
    orders.push_back(command.order);
    requests.push_back(PaymentRequested(command.order, command.event_id, command.trace));
  }
  const absl::flat_hash_set<OrderId> inserted = InsertOrders(tx, orders, requests);

  // An order of an earlier run has had its event: it committed with it.
  std::erase_if(requests, [&](const messaging::OutboxMessage& request) {
    return !inserted.contains(OrderId(request.correlation_id));
  });
  outbox.HandOverAfterCommit(tx, std::move(requests));
  std::vector<Order> absent;
  for (const Order& order : orders) {
    if (!inserted.contains(order.id)) absent.push_back(order);
  }
  const OrdersOfKeys there = OrdersInPlaceOf(tx, absent);

  std::vector<absl::StatusOr<CreatedOrder>> answers;
  answers.reserve(commands.size());
  for (const Order& order : orders) {
    answers.push_back(inserted.contains(order.id) ? CreatedOrder{.order = order}
                                                  : AnswerFrom(there, order));
  }
  return answers;
}

}  // namespace orders
