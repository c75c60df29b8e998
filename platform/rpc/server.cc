#include "platform/rpc/server.h"

#include <sys/stat.h>

#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "grpc/grpc.h"
#include "grpc/support/log.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "health.pb.h"
#include "platform/check/check.h"
#include "platform/lifecycle/run.h"
#include "platform/observability/log.h"

namespace rpc {
namespace {

// Finds clients that are gone without a word.
constexpr absl::Duration kKeepaliveTime = absl::Seconds(30);
constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(10);
// How often clients may ping, also while no call runs; more is GOAWAY.
constexpr absl::Duration kClientPingMin = absl::Seconds(5);

// Owner and group may connect, others not.
constexpr mode_t kSocketUmask = 0117;

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void LogOfGrpc(gpr_log_func_args* line) {
  if (line->severity != GPR_LOG_SEVERITY_ERROR) return;
  observability::Log(observability::Level::kError, "grpc", {{"text", line->message}});
}

// What makes every server of the process; safe to repeat.
void PrepareProcess() {
  gpr_set_log_function(LogOfGrpc);
  grpc::EnableDefaultHealthCheckService(true);
  // Named, so that the linker keeps it for reflection.
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
}

void AddLimits(grpc::ServerBuilder& builder, const Server::Options& options) {
  builder.SetMaxReceiveMessageSize(options.message_bytes_max);
  builder.SetResourceQuota(grpc::ResourceQuota("server").Resize(options.memory_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.connection_calls_max);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(kKeepaliveTime));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(kKeepaliveTimeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Millis(kClientPingMin));
  // A port that another process has is an error, not shared with it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Only reflection uses them.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
}

}  // namespace

Server::Server(Options options, std::vector<grpc::Service*> services)
    : options_(std::move(options)), services_(std::move(services)) {}

Server::~Server() { Stop(); }

void Server::Start() {
  PrepareProcess();
  grpc::ServerBuilder builder;
  AddLimits(builder, options_);
  builder.AddListeningPort(options_.listen, grpc::InsecureServerCredentials(), &port_);
  if (!options_.unix_socket.empty()) {
    builder.AddListeningPort("unix:" + options_.unix_socket, grpc::InsecureServerCredentials());
  }
  for (grpc::Service* const service : services_) builder.RegisterService(service);

  const mode_t before = umask(kSocketUmask);
  server_ = builder.BuildAndStart();
  umask(before);
  if (server_ == nullptr) {
    lifecycle::ExitNow("cannot listen for calls",
                       {{"address", options_.listen}, {"unix_socket", options_.unix_socket}});
  }
  SetServing("", false);
}

void Server::Stop() {
  if (server_ == nullptr) return;
  server_->GetHealthCheckService()->Shutdown();
  std::this_thread::sleep_for(absl::ToChronoMilliseconds(options_.stop_drain));
  // Not before: what is called meanwhile, a stream too, is answered as ever.
  options_.end_streams();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + options_.stop_grace));
  server_->Wait();
  server_.reset();
}

void Server::SetServing(const std::string& name, bool serving) {
  CHECK(server_ != nullptr);
  server_->GetHealthCheckService()->SetServingStatus(name, serving);
}

}  // namespace rpc
