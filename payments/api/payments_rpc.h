#ifndef PAYMENTS_API_PAYMENTS_RPC_H_
#define PAYMENTS_API_PAYMENTS_RPC_H_

#include <utility>

#include "payments/api/payments_handler.h"
#include "payments/v1/payments.grpc.pb.h"
#include "platform/rpc/reactor.h"
#include "platform/rpc/worker_pool.h"

namespace payments {

// Binds PaymentsHandler to gRPC's callback API; no decision of its own.
class PaymentsRpc final : public v1::PaymentsService::CallbackService {
 public:
  // Handler and workers outlive the service. Reads run on `workers`.
  PaymentsRpc(const PaymentsHandler& handler, rpc::WorkerPool& workers,
              rpc::DeadlineLimits deadlines)
      : handler_(handler), workers_(workers) {
    rules_.deadlines = deadlines;
  }

  grpc::ServerUnaryReactor* CreateAccount(grpc::CallbackServerContext* context,
                                          const v1::CreateAccountRequest* request,
                                          v1::Account* reply) override {
    return rpc::Unary(context, request, reply, rules_,
                      [this](const rpc::Caller& caller, const v1::CreateAccountRequest& call,
                             rpc::Done<v1::Account> done) {
                        handler_.CreateAccount(caller, call, std::move(done));
                      });
  }

  grpc::ServerUnaryReactor* TopUp(grpc::CallbackServerContext* context,
                                  const v1::TopUpRequest* request, v1::Balance* reply) override {
    return rpc::Unary(context, request, reply, rules_,
                      [this](const rpc::Caller& caller, const v1::TopUpRequest& call,
                             rpc::KeyedDone<v1::Balance> done) {
                        handler_.TopUp(caller, call, std::move(done));
                      });
  }

  grpc::ServerUnaryReactor* GetBalance(grpc::CallbackServerContext* context,
                                       const v1::GetBalanceRequest* request,
                                       v1::Balance* reply) override {
    return rpc::UnaryOnPool(context, request, reply, rules_, workers_,
                            [this](const rpc::Caller& caller, const v1::GetBalanceRequest& call) {
                              return handler_.GetBalance(caller, call);
                            });
  }

  grpc::ServerUnaryReactor* ListTransactions(grpc::CallbackServerContext* context,
                                             const v1::ListTransactionsRequest* request,
                                             v1::ListTransactionsResponse* reply) override {
    return rpc::UnaryOnPool(
        context, request, reply, rules_, workers_,
        [this](const rpc::Caller& caller, const v1::ListTransactionsRequest& call) {
          return handler_.ListTransactions(caller, call);
        });
  }

 private:
  const PaymentsHandler& handler_;
  rpc::WorkerPool& workers_;
  rpc::CallRules rules_{"payments"};
};

}  // namespace payments

#endif  // PAYMENTS_API_PAYMENTS_RPC_H_
