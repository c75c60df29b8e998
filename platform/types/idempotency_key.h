#ifndef PLATFORM_TYPES_IDEMPOTENCY_KEY_H_
#define PLATFORM_TYPES_IDEMPOTENCY_KEY_H_

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace types {

// What a client names a call by, so that the call made again is known for the
// same one: 1 to 255 visible ASCII characters (0x21 to 0x7e), case counts.
class IdempotencyKey {
 public:
  static constexpr std::size_t kBytesMax = 255;

  static std::optional<IdempotencyKey> Parse(std::string_view text);

  const std::string& ToString() const { return text_; }

  friend auto operator<=>(const IdempotencyKey&, const IdempotencyKey&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const IdempotencyKey& key) {
    return H::combine(std::move(h), key.text_);
  }

 private:
  explicit IdempotencyKey(std::string_view text) : text_(text) {}

  std::string text_;
};

// FAILED_PRECONDITION IDEMPOTENCY_KEY_REUSED: the key stands for another request.
absl::Status IdempotencyKeyReused();

// ABORTED IDEMPOTENCY_KEY_IN_USE: a call with this key is under way, try again soon.
absl::Status IdempotencyKeyInUse();

}  // namespace types

#endif  // PLATFORM_TYPES_IDEMPOTENCY_KEY_H_
