#ifndef PLATFORM_RPC_SERVER_H_
#define PLATFORM_RPC_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/server.h"
#include "platform/lifecycle/service.h"

namespace rpc {

// Serves gRPC, with reflection and grpc.health.v1, in clear text.
//
// Health: "" and every other name are NOT_SERVING until SetServing says else,
//         and again, for good, from Stop on.
// Errors: an address that cannot be bound ends the process at Start.
class Server final : public lifecycle::Service {
 public:
  struct Options {
    // host:port; port 0 takes a free one.
    std::string listen = "127.0.0.1:0";
    // Path of a unix socket to listen on as well, "" for none. Whoever may
    // write the file (owner and group) may call. A file left there by a killed
    // process is replaced.
    std::string unix_socket = "";
    // A longer request is answered RESOURCE_EXHAUSTED.
    int message_bytes_max = 128 * 1024;
    // Calls at a time on one connection; more wait in the client.
    int connection_calls_max = 10'000;
    // Memory of all connections; beyond it calls are refused.
    std::size_t memory_bytes_max = std::size_t{512} * 1024 * 1024;
    // How long Stop goes on taking calls after it has said NOT_SERVING, so that
    // clients who watch the health have turned to another copy: a call that meets
    // the end of the listening is refused.
    absl::Duration stop_drain = absl::ZeroDuration();
    // How long Stop then lets running calls end before it cancels them.
    absl::Duration stop_grace = absl::Seconds(10);
    // Ends the streams, which may not end by themselves for long: run by Stop after the
    // drain, when callers have turned to another copy.
    std::function<void()> end_streams = [] {};
  };

  // The services outlive the server.
  Server(Options options, std::vector<grpc::Service*> services);
  ~Server() override;

  void Start() override;
  // Says NOT_SERVING, then takes no new calls, ends the running ones. Whoever answers them, such as
  // a WorkerPool, must still run.
  void Stop() override;

  // Safe from any thread. Requires: started.
  void SetServing(const std::string& name, bool serving);

  // Requires: started.
  int port() const { return port_; }

 private:
  const Options options_;
  const std::vector<grpc::Service*> services_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace rpc

#endif  // PLATFORM_RPC_SERVER_H_
