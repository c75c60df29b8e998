#ifndef PLATFORM_RPC_REACTOR_H_
#define PLATFORM_RPC_REACTOR_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "platform/observability/metrics.h"
#include "platform/rpc/caller.h"
#include "platform/rpc/done.h"
#include "platform/rpc/status.h"
#include "platform/rpc/worker_pool.h"

// The bridge from gRPC's unary callback methods to handlers that know nothing of
// gRPC. A method of a `CallbackService` is one line:
//
//   return rpc::Unary(context, request, reply, "orders",
//                     [this](const rpc::Caller& caller, const v1::CreateOrderRequest& request,
//                            rpc::Done<v1::Order> done) {
//                       handler_.CreateOrder(caller, request, std::move(done));
//                     });
//
// Lifetime: context, request and reply live until the call is answered, also
//           when the client has given up meanwhile: a cancelled call is answered
//           like any other. A handler must not keep the request after `done`.
// Metrics:  rpc_calls_total{method,code} and rpc_call_duration_seconds{method}.

namespace rpc {

// Whose reasons the errors carry, and how long the calls may take.
struct CallRules {
  // Implicit: a method mostly names just its domain.
  CallRules(const char* error_domain) : domain(error_domain) {}        // NOLINT
  CallRules(absl::string_view error_domain) : domain(error_domain) {}  // NOLINT

  absl::string_view domain;  // outlives the calls: a constant
  DeadlineLimits deadlines;
};

// Counts the answers of one method.
class MethodMetrics {
 public:
  explicit MethodMetrics(const std::string& method);
  void Count(grpc::StatusCode code, absl::Duration duration) const;

 private:
  std::vector<observability::Counter> calls_;  // by code
  observability::Histogram duration_;
};

// One unary call from its arrival to its answer.
class Call {
 public:
  Call(grpc::CallbackServerContext& context, const CallRules& rules, const MethodMetrics& metrics);
  ~Call();

  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  // Who calls; or why the call must not run: no valid user id, past its
  // deadline.
  const absl::StatusOr<Caller>& caller() const { return caller_; }

  // Whether a call that waited for a thread is to be run now: DEADLINE_EXCEEDED or
  // CANCELLED if nobody waits for the answer any more, UNAVAILABLE if it took too long.
  // Requires: caller().ok(), not finished.
  absl::Status MayRun() const;

  // True for the first who asks: only they may write the reply and Finish.
  bool ClaimAnswer() { return !answered_.exchange(true); }
  // Says beside the reply that it repeats an earlier one.
  void MarkReplayed();
  void Finish(const absl::Status& status);

 private:
  grpc::CallbackServerContext& context_;
  const absl::string_view domain_;
  const absl::Duration queue_limit_;
  const MethodMetrics& metrics_;
  const absl::Time arrival_;
  grpc::ServerUnaryReactor* const reactor_;
  const absl::StatusOr<Caller> caller_;
  std::atomic<bool> answered_ = false;
};

namespace internal {

// Who calls, unless the deadline is over already.
absl::StatusOr<Caller> CallerInTime(const grpc::CallbackServerContext& context,
                                    const CallRules& rules, absl::Time now);

// Counts the end of a call and returns what its client is told. Run it once, right
// before Finish.
grpc::Status Conclude(grpc::CallbackServerContext& context, absl::string_view domain,
                      const MethodMetrics& metrics, absl::Time arrival, const absl::Status& status);

// "CreateOrderRequest" -> "CreateOrder"
std::string MethodNameOf(const google::protobuf::Descriptor& request);

template <typename Reply>
void Answer(Call& call, Reply* reply, absl::StatusOr<Reply> answer) {
  if (!call.ClaimAnswer()) return;
  if (answer.ok()) *reply = *std::move(answer);
  call.Finish(answer.status());
}

template <typename Reply>
void Answer(Call& call, Reply* reply, absl::StatusOr<KeyedReply<Reply>> answer) {
  if (!call.ClaimAnswer()) return;
  if (answer.ok()) {
    *reply = std::move(answer->message);
    if (answer->replayed) call.MarkReplayed();
  }
  call.Finish(answer.status());
}

// Those of the method that takes this Request: CreateOrder for CreateOrderRequest.
template <typename Request>
const MethodMetrics& MetricsOf() {
  static const MethodMetrics* const metrics =
      new MethodMetrics(MethodNameOf(*Request::descriptor()));
  return *metrics;
}

}  // namespace internal

// For handlers that never block: `handle(const Caller&, const Request&,
// Done<Reply>)`, or with a KeyedDone<Reply>, runs on gRPC's thread, `done` answers
// whenever and wherever.
template <typename Request, typename Reply, typename Handle>
grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, const Request* request,
                                Reply* reply, const CallRules& rules, Handle&& handle) {
  const auto call = std::make_shared<Call>(*context, rules, internal::MetricsOf<Request>());
  grpc::ServerUnaryReactor* const reactor = call->reactor();
  if (!call->caller().ok()) {
    internal::Answer(*call, reply, absl::StatusOr<Reply>(call->caller().status()));
    return reactor;
  }
  handle(*call->caller(), *request,
         [call, reply](auto answer) { internal::Answer(*call, reply, std::move(answer)); });
  return reactor;
}

// For handlers that block: `handle(const Caller&, const Request&)` returns
// absl::StatusOr<Reply> and runs on `pool`. A full pool is answered OVERLOADED;
// a call that waited too long (DeadlineLimits), or that nobody waits for any more,
// is not run.
template <typename Request, typename Reply, typename Handle>
grpc::ServerUnaryReactor* UnaryOnPool(grpc::CallbackServerContext* context, const Request* request,
                                      Reply* reply, const CallRules& rules, WorkerPool& pool,
                                      Handle handle) {
  const auto call = std::make_shared<Call>(*context, rules, internal::MetricsOf<Request>());
  grpc::ServerUnaryReactor* const reactor = call->reactor();
  if (!call->caller().ok()) {
    internal::Answer(*call, reply, absl::StatusOr<Reply>(call->caller().status()));
    return reactor;
  }
  const bool taken = pool.Submit([call, request, reply, handle = std::move(handle)] {
    const absl::Status may_run = call->MayRun();
    internal::Answer(*call, reply, may_run.ok() ? handle(*call->caller(), *request) : may_run);
  });
  if (!taken) internal::Answer(*call, reply, absl::StatusOr<Reply>(OverloadedError()));
  return reactor;
}

}  // namespace rpc

#endif  // PLATFORM_RPC_REACTOR_H_
