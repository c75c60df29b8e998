#include "orders/app/get_order.h"

#include <optional>

#include "orders/store/orders_store.h"
#include "platform/pg/transaction.h"
#include "platform/types/error.h"

namespace orders {

absl::StatusOr<Order> GetOrder(pg::Pool& pool, const UserId& user_id, const OrderId& id) {
  std::optional<Order> order;
  const absl::Status end = pg::Query(pool, [&](pg::Tx& tx) {
    order = SelectOrder(tx, user_id, id);
    return absl::OkStatus();
  });
  if (!end.ok()) return end;
  if (!order) {
    return types::Error(absl::StatusCode::kNotFound, "ORDER_NOT_FOUND",
                        "you have no order with this id");
  }
  return *std::move(order);
}

}  // namespace orders
