#include "orders/app/list_orders.h"

#include <cstddef>

#include "orders/store/orders_store.h"
#include "platform/pg/transaction.h"

namespace orders {

absl::StatusOr<OrdersPage> ListOrders(pg::Pool& pool, const ListOrdersQuery& query) {
  OrdersPage page;
  const absl::Status end = pg::Query(pool, [&](pg::Tx& tx) {
    // One more than asked for tells whether there is a next page.
    page.orders = SelectOrders(tx, query.user_id, query.before, query.status, query.page_size + 1);
    return absl::OkStatus();
  });
  if (!end.ok()) return end;
  page.has_more = page.orders.size() > static_cast<std::size_t>(query.page_size);
  if (page.has_more) page.orders.pop_back();
  return page;
}

}  // namespace orders
