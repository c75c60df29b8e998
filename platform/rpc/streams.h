#ifndef PLATFORM_RPC_STREAMS_H_
#define PLATFORM_RPC_STREAMS_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "absl/status/status.h"
#include "platform/observability/metrics.h"

namespace rpc {

class StreamCall;  // stream.h

// The open streams of a server: so many at most, and all ended together when it stops.
// A stream keeps its place until its call is over.
//
// Threads: safe from any.
// Metrics: rpc_streams_open.
class Streams {
 public:
  explicit Streams(std::size_t open_max);

  // Ends all with UNAVAILABLE, and lets no more begin: a client that watches turns to
  // another copy. Does not wait for their calls to be over.
  void EndAll();

 private:
  friend class StreamCall;
  // OK: it has a place. Else why not: OVERLOADED, or UNAVAILABLE after EndAll.
  absl::Status Enter(std::shared_ptr<StreamCall> stream);
  void Leave(const std::shared_ptr<StreamCall>& stream);

  const std::size_t open_max_;
  const observability::Gauge open_count_;
  std::mutex mutex_;
  std::unordered_set<std::shared_ptr<StreamCall>> open_;
  bool ended_ = false;
};

}  // namespace rpc

#endif  // PLATFORM_RPC_STREAMS_H_
