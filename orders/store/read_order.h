#ifndef ORDERS_STORE_READ_ORDER_H_
#define ORDERS_STORE_READ_ORDER_H_

#include <cstddef>

#include "orders/domain/order.h"
#include "platform/pg/tx.h"

// The columns every reader of whole orders selects, as ReadOrder expects them.
#define ORDER_COLUMNS                                                    \
  "id, user_id, amount, description, status, cancel_reason, " PG_MICROS( \
      "create_time") ", " PG_MICROS("update_time") ", idempotency_key"

namespace orders {

// Aborts where the column holds what the table's CHECKs do not allow.
UserId ReadUserId(const pg::Row& row, std::size_t column);
Order ReadOrder(const pg::Row& row);

}  // namespace orders

#endif  // ORDERS_STORE_READ_ORDER_H_
