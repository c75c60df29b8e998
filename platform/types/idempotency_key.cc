#include "platform/types/idempotency_key.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "platform/types/error.h"

namespace types {
namespace {

bool IsVisible(char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); }

}  // namespace

std::optional<IdempotencyKey> IdempotencyKey::Parse(std::string_view text) {
  if (text.empty() || text.size() > kBytesMax) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), IsVisible)) return std::nullopt;
  return IdempotencyKey(text);
}

absl::Status IdempotencyKeyReused() {
  return Error(absl::StatusCode::kFailedPrecondition, "IDEMPOTENCY_KEY_REUSED",
               "this idempotency key was used for another request");
}

absl::Status IdempotencyKeyInUse() {
  return Error(absl::StatusCode::kAborted, "IDEMPOTENCY_KEY_IN_USE",
               "a call with this idempotency key is under way, try again soon");
}

}  // namespace types
