#include "platform/rpc/caller.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "platform/types/error.h"

namespace rpc {
namespace {

// Matches the contract's X-User-Id header; gRPC hands over lower-case keys.
constexpr char kUserIdKey[] = "x-user-id";
constexpr char kTraceKey[] = "traceparent";
constexpr char kIdempotencyKey[] = "idempotency-key";

absl::StatusOr<types::UserId> UserIdOf(const grpc::ServerContextBase& context) {
  const std::optional<std::string> text = SingleMetadata(context, kUserIdKey);
  if (!text) {
    return types::FieldError("INVALID_USER_ID", kUserIdKey, "x-user-id must be sent exactly once");
  }
  if (absl::StripAsciiWhitespace(*text).empty()) {
    return types::Error(absl::StatusCode::kUnauthenticated, "MISSING_USER_ID",
                        "the metadata x-user-id is required");
  }
  const std::optional<types::UserId> user_id = types::UserId::Parse(*text);
  if (!user_id) {
    return types::FieldError("INVALID_USER_ID", kUserIdKey,
                             "x-user-id must be 1 to 64 letters, digits or . _ @ : -, "
                             "a letter or digit first");
  }
  return *user_id;
}

// draft-ietf-httpapi-idempotency-key-header writes the key in quotes, others without.
std::string_view WithoutQuotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

Caller::Key IdempotencyKeyOf(const grpc::ServerContextBase& context) {
  if (!context.client_metadata().contains(kIdempotencyKey)) return std::nullopt;
  const std::optional<std::string> text = SingleMetadata(context, kIdempotencyKey);
  std::optional<types::IdempotencyKey> key;
  if (text) key = types::IdempotencyKey::Parse(WithoutQuotes(*text));
  if (!key) {
    return types::FieldError("INVALID_IDEMPOTENCY_KEY", kIdempotencyKey,
                             "idempotency-key must be one value of 1 to 255 visible ASCII "
                             "characters");
  }
  return key;
}

absl::Time DeadlineOf(const grpc::ServerContextBase& context, const DeadlineLimits& limits) {
  const absl::Time now = absl::Now();
  // gRPC says "no deadline" by the last time it can name.
  const auto asked = context.deadline();
  if (asked == std::chrono::system_clock::time_point::max()) return now + limits.fallback;
  return std::min(absl::FromChrono(asked), now + limits.max);
}

}  // namespace

std::optional<std::string> SingleMetadata(const grpc::ServerContextBase& context,
                                          const std::string& key) {
  const auto& metadata = context.client_metadata();
  const auto [begin, end] = metadata.equal_range(key);
  if (begin == end) return std::string();
  if (std::next(begin) != end) return std::nullopt;
  return std::string(begin->second.data(), begin->second.size());
}

absl::StatusOr<Caller> CallerOf(const grpc::CallbackServerContext& context,
                                const DeadlineLimits& limits) {
  absl::StatusOr<types::UserId> user_id = UserIdOf(context);
  if (!user_id.ok()) return user_id.status();
  const std::string traceparent = SingleMetadata(context, kTraceKey).value_or(std::string());
  return Caller(*std::move(user_id), DeadlineOf(context, limits),
                observability::Trace::ParseOrNew(traceparent).NewChild(),
                IdempotencyKeyOf(context));
}

}  // namespace rpc
