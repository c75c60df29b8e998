#ifndef ORDERS_APP_GET_ORDER_H_
#define ORDERS_APP_GET_ORDER_H_

#include "absl/status/statusor.h"
#include "orders/domain/order.h"
#include "platform/pg/pool.h"

namespace orders {

// NOT_FOUND (ORDER_NOT_FOUND) if there is no such order, or it is another
// user's: the two cannot be told apart. UNAVAILABLE if the database is away.
absl::StatusOr<Order> GetOrder(pg::Pool& pool, const UserId& user_id, const OrderId& id);

}  // namespace orders

#endif  // ORDERS_APP_GET_ORDER_H_
