#include "platform/rpc/reactor.h"

#include <cstddef>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace rpc {
namespace {

constexpr int kCodes = 17;  // OK to UNAUTHENTICATED

}  // namespace

MethodMetrics::MethodMetrics(const std::string& method)
    : duration_(observability::NewHistogram(
          "rpc_call_duration_seconds", "Arrival to answer, or to the end of a stream.",
          observability::LatencyBuckets(), {{"method", method}})) {
  for (int code = 0; code < kCodes; ++code) {
    calls_.push_back(observability::NewCounter(
        "rpc_calls_total", "Calls answered.",
        {{"method", method},
         {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(code))}}));
  }
}

void MethodMetrics::Count(grpc::StatusCode code, absl::Duration duration) const {
  calls_.at(static_cast<std::size_t>(code)).Increment();
  duration_.Observe(duration);
}

Call::Call(grpc::CallbackServerContext& context, const CallRules& rules,
           const MethodMetrics& metrics)
    : context_(context),
      domain_(rules.domain),
      queue_limit_(rules.deadlines.queue),
      metrics_(metrics),
      arrival_(absl::Now()),
      reactor_(context.DefaultReactor()),
      caller_(internal::CallerInTime(context, rules, arrival_)) {}

Call::~Call() {
  if (ClaimAnswer()) Finish(absl::InternalError("a handler dropped its call"));
}

absl::Status Call::MayRun() const {
  if (context_.IsCancelled()) return absl::CancelledError();
  const absl::Time now = absl::Now();
  if (caller_->deadline() <= now) return absl::DeadlineExceededError("in the queue");
  if (now - arrival_ > queue_limit_) return absl::UnavailableError("no thread came free");
  return absl::OkStatus();
}

void Call::MarkReplayed() { context_.AddInitialMetadata("idempotent-replayed", "true"); }

void Call::Finish(const absl::Status& status) {
  // Last: the context may be gone after it.
  reactor_->Finish(internal::Conclude(context_, domain_, metrics_, arrival_, status));
}

namespace internal {

absl::StatusOr<Caller> CallerInTime(const grpc::CallbackServerContext& context,
                                    const CallRules& rules, absl::Time now) {
  absl::StatusOr<Caller> caller = CallerOf(context, rules.deadlines);
  if (caller.ok() && caller->deadline() <= now) return absl::DeadlineExceededError("on arrival");
  return caller;
}

grpc::Status Conclude(grpc::CallbackServerContext& context, absl::string_view domain,
                      const MethodMetrics& metrics, absl::Time arrival,
                      const absl::Status& status) {
  grpc::Status told = ToGrpcStatus(status, domain);
  metrics.Count(told.error_code(), absl::Now() - arrival);
  // What failed here was tried again here: a client's own retries are for a service away.
  if (!told.ok()) context.AddTrailingMetadata("grpc-retry-pushback-ms", "-1");
  return told;
}

std::string MethodNameOf(const google::protobuf::Descriptor& request) {
  return std::string(absl::StripSuffix(request.name(), "Request"));
}

}  // namespace internal
}  // namespace rpc
