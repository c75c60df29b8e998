#ifndef ORDERS_APP_GET_SETTLED_ORDERS_H_
#define ORDERS_APP_GET_SETTLED_ORDERS_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "orders/domain/order.h"
#include "platform/pg/database.h"

namespace orders {

// Those of these orders that have settled, whoever's they are. UNAVAILABLE if the database
// is away.
absl::StatusOr<std::vector<Order>> GetSettledOrders(pg::Database& database,
                                                    std::span<const OrderId> ids);

}  // namespace orders

#endif  // ORDERS_APP_GET_SETTLED_ORDERS_H_
