#ifndef ORDERS_API_ORDERS_HANDLER_H_
#define ORDERS_API_ORDERS_HANDLER_H_

#include "absl/status/statusor.h"
#include "orders/app/create_orders.h"
#include "orders/app/order_watchers.h"
#include "orders/v1/orders.pb.h"
#include "platform/clock/clock.h"
#include "platform/pg/group_commit.h"
#include "platform/pg/pool.h"
#include "platform/rpc/caller.h"
#include "platform/rpc/done.h"
#include "platform/rpc/stream.h"

namespace orders {

// What orders.v1.OrdersService does: parse, call one app function, map. The
// service is the authority on what is valid, whatever a gateway let through.
class OrdersHandler {
 public:
  using CreateCommit = pg::GroupCommit<CreateOrderCommand, CreatedOrder>;
  using CreateOrderDone = rpc::KeyedDone<v1::Order>;

  // All outlive the handler.
  OrdersHandler(CreateCommit& create_commit, pg::Pool& readers, OrderWatchers& watchers,
                const clocks::Clock& clock)
      : create_commit_(create_commit), readers_(readers), watchers_(watchers), clock_(clock) {}

  // Never blocks: `done` runs after the group's commit.
  void CreateOrder(const rpc::Caller& caller, const v1::CreateOrderRequest& request,
                   CreateOrderDone done) const;
  absl::StatusOr<v1::Order> GetOrder(const rpc::Caller& caller,
                                     const v1::GetOrderRequest& request) const;
  absl::StatusOr<v1::ListOrdersResponse> ListOrders(const rpc::Caller& caller,
                                                    const v1::ListOrdersRequest& request) const;
  // Returns once the order is read; its settling is told to `stream` later.
  void WatchOrder(const rpc::Caller& caller, const v1::WatchOrderRequest& request,
                  const rpc::Stream<v1::Order>& stream) const;

 private:
  CreateCommit& create_commit_;
  pg::Pool& readers_;
  OrderWatchers& watchers_;
  const clocks::Clock& clock_;
};

}  // namespace orders

#endif  // ORDERS_API_ORDERS_HANDLER_H_
