#ifndef PLATFORM_RPC_CALLER_H_
#define PLATFORM_RPC_CALLER_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "platform/observability/trace.h"
#include "platform/types/idempotency_key.h"
#include "platform/types/user_id.h"

namespace rpc {

// How long calls may take.
struct DeadlineLimits {
  // For a call that came without a deadline.
  absl::Duration fallback = absl::Seconds(10);
  // Later deadlines are cut to this.
  absl::Duration max = absl::Seconds(60);
  // A call that has waited longer for a thread is UNAVAILABLE, unrun: what holds the
  // threads for so long, a database that has fallen silent, would hold it, too.
  absl::Duration queue = absl::Seconds(2);
};

// On whose behalf a call is made, until when, in which trace and under which name.
class Caller {
 public:
  using Key = absl::StatusOr<std::optional<types::IdempotencyKey>>;

  Caller(types::UserId user_id, absl::Time deadline, observability::Trace trace, Key key)
      : user_id_(std::move(user_id)),
        deadline_(deadline),
        trace_(std::move(trace)),
        idempotency_key_(std::move(key)) {}

  const types::UserId& user_id() const { return user_id_; }
  // Nobody waits for the answer after this. Always finite.
  absl::Time deadline() const { return deadline_; }
  // This call's own step in the trace that the client named, or in a new one.
  const observability::Trace& trace() const { return trace_; }
  // No value if the client gave none; INVALID_ARGUMENT INVALID_IDEMPOTENCY_KEY for a
  // malformed one or several. Quotes around it are not part of it. A method that
  // honours no key does not ask.
  const Key& idempotency_key() const { return idempotency_key_; }

 private:
  types::UserId user_id_;
  absl::Time deadline_;
  observability::Trace trace_;
  Key idempotency_key_;
};

// The value of a call's metadata. "" if the key is absent. Of a repeated key,
// null: which of the values is meant cannot be known.
std::optional<std::string> SingleMetadata(const grpc::ServerContextBase& context,
                                          const std::string& key);

// Reads the metadata `x-user-id`, `traceparent` and `idempotency-key` and the deadline.
//
// Returns: UNAUTHENTICATED MISSING_USER_ID without a user id or with an empty
//          one; INVALID_ARGUMENT INVALID_USER_ID for a malformed one or several.
absl::StatusOr<Caller> CallerOf(const grpc::CallbackServerContext& context,
                                const DeadlineLimits& limits = {});

}  // namespace rpc

#endif  // PLATFORM_RPC_CALLER_H_
