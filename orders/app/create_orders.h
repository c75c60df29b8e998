#ifndef ORDERS_APP_CREATE_ORDERS_H_
#define ORDERS_APP_CREATE_ORDERS_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "orders/domain/order.h"
#include "platform/pg/tx.h"
#include "platform/types/uuid.h"

namespace orders {

// Its ids were made before the first run, so running it again changes nothing.
struct CreateOrderCommand {
  Order order;
  types::Uuid event_id;
  // W3C traceparent of the call, or empty.
  std::string trace;
};

// Stores each order with its PaymentRequested in the outbox. Answers with the
// orders as stored.
std::vector<absl::StatusOr<Order>> CreateOrders(pg::Tx& tx,
                                                std::span<const CreateOrderCommand> commands);

}  // namespace orders

#endif  // ORDERS_APP_CREATE_ORDERS_H_
