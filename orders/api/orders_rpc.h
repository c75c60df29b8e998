#ifndef ORDERS_API_ORDERS_RPC_H_
#define ORDERS_API_ORDERS_RPC_H_

#include "orders/api/orders_handler.h"
#include "orders/v1/orders.grpc.pb.h"
#include "platform/rpc/reactor.h"
#include "platform/rpc/stream.h"
#include "platform/rpc/streams.h"
#include "platform/rpc/worker_pool.h"

namespace orders {

// Binds OrdersHandler to gRPC's callback API; no decision of its own.
class OrdersRpc final : public v1::OrdersService::CallbackService {
 public:
  // All but the limits outlive the service. Reads run on `workers`; a watch lasts for
  // `watch_time_max`, whatever the limits of other calls are.
  OrdersRpc(const OrdersHandler& handler, rpc::WorkerPool& workers, rpc::Streams& watches,
            rpc::DeadlineLimits deadlines, absl::Duration watch_time_max)
      : handler_(handler), workers_(workers), watches_(watches) {
    rules_.deadlines = deadlines;
    watch_rules_.deadlines = deadlines;
    watch_rules_.deadlines.fallback = watch_time_max;
    watch_rules_.deadlines.max = watch_time_max;
  }

  grpc::ServerUnaryReactor* CreateOrder(grpc::CallbackServerContext* context,
                                        const v1::CreateOrderRequest* request,
                                        v1::Order* reply) override {
    return rpc::Unary(context, request, reply, rules_,
                      [this](const rpc::Caller& caller, const v1::CreateOrderRequest& call,
                             rpc::KeyedDone<v1::Order> done) {
                        handler_.CreateOrder(caller, call, std::move(done));
                      });
  }

  grpc::ServerUnaryReactor* GetOrder(grpc::CallbackServerContext* context,
                                     const v1::GetOrderRequest* request,
                                     v1::Order* reply) override {
    return rpc::UnaryOnPool(context, request, reply, rules_, workers_,
                            [this](const rpc::Caller& caller, const v1::GetOrderRequest& call) {
                              return handler_.GetOrder(caller, call);
                            });
  }

  grpc::ServerUnaryReactor* ListOrders(grpc::CallbackServerContext* context,
                                       const v1::ListOrdersRequest* request,
                                       v1::ListOrdersResponse* reply) override {
    return rpc::UnaryOnPool(context, request, reply, rules_, workers_,
                            [this](const rpc::Caller& caller, const v1::ListOrdersRequest& call) {
                              return handler_.ListOrders(caller, call);
                            });
  }

  grpc::ServerWriteReactor<v1::Order>* WatchOrder(grpc::CallbackServerContext* context,
                                                  const v1::WatchOrderRequest* request) override {
    return rpc::StreamOnPool<v1::WatchOrderRequest, v1::Order>(
        context, request, watch_rules_, watches_, workers_,
        [this](const rpc::Caller& caller, const v1::WatchOrderRequest& call,
               const rpc::Stream<v1::Order>& stream) {
          handler_.WatchOrder(caller, call, stream);
        });
  }

 private:
  const OrdersHandler& handler_;
  rpc::WorkerPool& workers_;
  rpc::Streams& watches_;
  rpc::CallRules rules_{"orders"};
  rpc::CallRules watch_rules_{"orders"};
};

}  // namespace orders

#endif  // ORDERS_API_ORDERS_RPC_H_
