#ifndef ORDERS_APP_LIST_ORDERS_H_
#define ORDERS_APP_LIST_ORDERS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "orders/domain/order.h"
#include "platform/pg/pool.h"

namespace orders {

struct ListOrdersQuery {
  UserId user_id;
  // Only orders of this status, if given.
  std::optional<OrderStatus> status;
  // Only orders older than this one, if given.
  std::optional<OrderId> before;
  // Rows at most, 1 or more.
  std::int32_t page_size;
};

struct OrdersPage {
  // Newest first.
  std::vector<Order> orders;
  bool has_more = false;
};

// UNAVAILABLE if the database is away.
absl::StatusOr<OrdersPage> ListOrders(pg::Pool& pool, const ListOrdersQuery& query);

}  // namespace orders

#endif  // ORDERS_APP_LIST_ORDERS_H_
