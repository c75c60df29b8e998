#ifndef PLATFORM_TYPES_UUID_H_
#define PLATFORM_TYPES_UUID_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace types {

// A UUID as 16 bytes in network order, which is also its order in Postgres.
class Uuid {
 public:
  // All zeros: names nothing.
  Uuid() = default;

  // A new version 7 UUID (RFC 9562): 48 bits of Unix milliseconds, 74 random
  // bits. Sorts by `now`, to the millisecond. Safe from any thread.
  static Uuid V7(absl::Time now);

  // The smallest version 7 UUID of `now`: a bound for "made at or after now".
  static Uuid V7Floor(absl::Time now);

  // The 36-character form of RFC 9562, either case; nothing else.
  static std::optional<Uuid> Parse(std::string_view text);

  // 36 characters, lower case.
  std::string ToString() const;

  friend auto operator<=>(const Uuid&, const Uuid&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Uuid& id) {
    return H::combine(std::move(h), id.bytes_);
  }

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace types

#endif  // PLATFORM_TYPES_UUID_H_
