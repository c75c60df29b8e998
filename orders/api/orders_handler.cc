#include "orders/api/orders_handler.h"

#include <utility>

#include "orders/api/order_mapping.h"
#include "orders/app/get_order.h"
#include "orders/app/list_orders.h"

namespace orders {

void OrdersHandler::CreateOrder(const rpc::Caller& caller, const v1::CreateOrderRequest& request,
                                CreateOrderDone done) const {
  if (!caller.idempotency_key().ok()) return done(caller.idempotency_key().status());
  const absl::Time now = clock_.Now();
  absl::StatusOr<Order> order = ParseNewOrder(caller.user_id(), request, now);
  if (!order.ok()) return done(order.status());
  order->idempotency_key = *caller.idempotency_key();
  create_commit_.Submit({.order = *std::move(order),
                         .event_id = types::Uuid::V7(now),
                         .trace = caller.trace().ToString()},
                        caller.deadline(),
                        [done = std::move(done)](absl::StatusOr<CreatedOrder> created) {
                          if (!created.ok()) return done(created.status());
                          done(rpc::KeyedReply<v1::Order>{.message = ToProto(created->order),
                                                          .replayed = created->replayed});
                        });
}

absl::StatusOr<v1::Order> OrdersHandler::GetOrder(const rpc::Caller& caller,
                                                  const v1::GetOrderRequest& request) const {
  const absl::StatusOr<OrderId> id = ParseOrderId(request.id());
  if (!id.ok()) return id.status();
  const absl::StatusOr<Order> order = orders::GetOrder(readers_, caller.user_id(), *id);
  if (!order.ok()) return order.status();
  return ToProto(*order);
}

absl::StatusOr<v1::ListOrdersResponse> OrdersHandler::ListOrders(
    const rpc::Caller& caller, const v1::ListOrdersRequest& request) const {
  const absl::StatusOr<ListOrdersQuery> query = ParseListOrders(caller.user_id(), request);
  if (!query.ok()) return query.status();
  const absl::StatusOr<OrdersPage> page = orders::ListOrders(readers_, *query);
  if (!page.ok()) return page.status();
  return ToProto(*query, *page);
}

void OrdersHandler::WatchOrder(const rpc::Caller& caller, const v1::WatchOrderRequest& request,
                               const rpc::Stream<v1::Order>& stream) const {
  const absl::StatusOr<OrderId> id = ParseOrderId(request.id());
  if (!id.ok()) return stream.End(id.status());
  // Before the read, so that what settles right after it is not missed.
  const OrderWatchers::Ticket ticket = watchers_.Add(
      caller.user_id(), *id, [stream](const Order& settled) { stream.SendLast(ToProto(settled)); });
  stream.AfterEnd([this, id = *id, ticket] { watchers_.Remove(id, ticket); });
  const absl::StatusOr<Order> order = orders::GetOrder(readers_, caller.user_id(), *id);
  if (!order.ok()) return stream.End(order.status());
  if (order->status != OrderStatus::kNew) return stream.SendLast(ToProto(*order));
  stream.Send(ToProto(*order));
}

}  // namespace orders
