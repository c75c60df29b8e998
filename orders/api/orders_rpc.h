#ifndef ORDERS_API_ORDERS_RPC_H_
#define ORDERS_API_ORDERS_RPC_H_

#include "orders/api/orders_handler.h"
#include "orders/v1/orders.grpc.pb.h"
#include "platform/rpc/reactor.h"
#include "platform/rpc/worker_pool.h"

namespace orders {

// Binds OrdersHandler to gRPC's callback API; no decision of its own.
class OrdersRpc final : public v1::OrdersService::CallbackService {
 public:
  // Handler and workers outlive the service. Reads run on `workers`.
  OrdersRpc(const OrdersHandler& handler, rpc::WorkerPool& workers, rpc::DeadlineLimits deadlines)
      : handler_(handler), workers_(workers) {
    rules_.deadlines = deadlines;
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

 private:
  const OrdersHandler& handler_;
  rpc::WorkerPool& workers_;
  rpc::CallRules rules_{"orders"};
};

}  // namespace orders

#endif  // ORDERS_API_ORDERS_RPC_H_
