#ifndef ORDERS_API_ORDER_MAPPING_H_
#define ORDERS_API_ORDER_MAPPING_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "orders/app/list_orders.h"
#include "orders/domain/order.h"
#include "orders/v1/orders.pb.h"
#include "platform/types/user_id.h"

// The typed API <-> the domain. Parsing errors name the field.
namespace orders {

v1::Order ToProto(const Order& order);

// INVALID_AMOUNT or INVALID_DESCRIPTION. Makes a new order of `user_id`.
absl::StatusOr<Order> ParseNewOrder(const UserId& user_id, const v1::CreateOrderRequest& request,
                                    absl::Time now);
// INVALID_ORDER_ID.
absl::StatusOr<OrderId> ParseOrderId(const std::string& text);
// INVALID_PAGE_SIZE, INVALID_PAGE_TOKEN or INVALID_STATUS.
absl::StatusOr<ListOrdersQuery> ParseListOrders(const UserId& user_id,
                                                const v1::ListOrdersRequest& request);
v1::ListOrdersResponse ToProto(const ListOrdersQuery& query, const OrdersPage& page);

}  // namespace orders

#endif  // ORDERS_API_ORDER_MAPPING_H_
