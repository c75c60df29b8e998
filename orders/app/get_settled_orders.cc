#include "orders/app/get_settled_orders.h"

#include "orders/store/orders_store.h"
#include "platform/pg/transaction.h"

namespace orders {

absl::StatusOr<std::vector<Order>> GetSettledOrders(pg::Database& database,
                                                    std::span<const OrderId> ids) {
  std::vector<Order> settled;
  const absl::Status end = pg::Query(database, [&](pg::Tx& tx) {
    settled = SelectSettledOrders(tx, ids);
    return absl::OkStatus();
  });
  if (!end.ok()) return end;
  return settled;
}

}  // namespace orders
