#ifndef PLATFORM_RPC_DONE_H_
#define PLATFORM_RPC_DONE_H_

#include <functional>

#include "absl/status/statusor.h"

namespace rpc {

// Takes the answer of a call. Run it once, from any thread. If every copy is
// gone without that, the caller is told INTERNAL.
template <typename Reply>
using Done = std::function<void(absl::StatusOr<Reply>)>;

// The answer of a method that honours idempotency keys.
template <typename Reply>
struct KeyedReply {
  Reply message;
  // An earlier call with the same key was answered so. The client is told by the
  // metadata `idempotent-replayed: true`.
  bool replayed = false;
};
template <typename Reply>
using KeyedDone = Done<KeyedReply<Reply>>;

}  // namespace rpc

#endif  // PLATFORM_RPC_DONE_H_
