#ifndef PLATFORM_TYPES_STRONG_ID_H_
#define PLATFORM_TYPES_STRONG_ID_H_

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "platform/types/uuid.h"

namespace types {

// A UUID that names one kind of thing: ids of different Tags do not mix.
template <typename Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(Uuid uuid) : uuid_(uuid) {}

  // A fresh time-ordered id (UUID v7).
  static StrongId New(absl::Time now) { return StrongId(Uuid::V7(now)); }

  static std::optional<StrongId> Parse(std::string_view text) {
    const std::optional<Uuid> uuid = Uuid::Parse(text);
    if (!uuid) return std::nullopt;
    return StrongId(*uuid);
  }

  const Uuid& uuid() const { return uuid_; }
  std::string ToString() const { return uuid_.ToString(); }

  friend auto operator<=>(const StrongId&, const StrongId&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const StrongId& id) {
    return H::combine(std::move(h), id.uuid_);
  }

 private:
  Uuid uuid_;
};

}  // namespace types

#endif  // PLATFORM_TYPES_STRONG_ID_H_
