#include "orders/app/create_orders.h"

#include "absl/container/flat_hash_set.h"
#include "orders/events/payment_events.h"
#include "orders/store/orders_store.h"
#include "platform/messaging/outbox.h"

namespace orders {

std::vector<absl::StatusOr<Order>> CreateOrders(pg::Tx& tx,
                                                std::span<const CreateOrderCommand> commands) {
  std::vector<Order> orders;
  orders.reserve(commands.size());
  for (const CreateOrderCommand& command : commands) orders.push_back(command.order);
  const absl::flat_hash_set<OrderId> inserted = InsertOrders(tx, orders);

  // An order of an earlier run has had its event: it committed with it.
  std::vector<messaging::OutboxMessage> requests;
  requests.reserve(inserted.size());
  for (const CreateOrderCommand& command : commands) {
    if (!inserted.contains(command.order.id)) continue;
    requests.push_back(PaymentRequested(command.order, command.event_id, command.trace));
  }
  if (!requests.empty()) messaging::AppendToOutbox(tx, requests);
  return {orders.begin(), orders.end()};
}

}  // namespace orders
