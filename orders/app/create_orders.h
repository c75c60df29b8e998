#ifndef ORDERS_APP_CREATE_ORDERS_H_
#define ORDERS_APP_CREATE_ORDERS_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "orders/domain/order.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/tx.h"
#include "platform/types/uuid.h"

namespace orders {

// Its ids were made before the first run, so running it again changes nothing. Where
// the order has an idempotency key, at most one of its user's commands with that key
// creates an order, ever, however many there are and wherever they run.
struct CreateOrderCommand {
  Order order;
  types::Uuid event_id;
  // W3C traceparent of the call, or empty.
  std::string trace;
};

struct CreatedOrder {
  // As it was when it was created.
  Order order;
  // Another command with the same key had created it.
  bool replayed = false;
};

// Stores each order with its PaymentRequested in the outbox, by one statement: it may commit
// by itself. Never waits for another transaction that is at work on one of the keys.
// Answers: the order that is there for this command;
//          FAILED_PRECONDITION (IDEMPOTENCY_KEY_REUSED): the key stands for an order of
//          another amount or description;
//          ABORTED (IDEMPOTENCY_KEY_IN_USE): another transaction is at work on the key.
std::vector<absl::StatusOr<CreatedOrder>> CreateOrders(pg::Tx& tx,
                                                       std::span<const CreateOrderCommand> commands,
                                                       const messaging::Outbox& outbox);

}  // namespace orders

#endif  // ORDERS_APP_CREATE_ORDERS_H_
