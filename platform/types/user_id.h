#ifndef PLATFORM_TYPES_USER_ID_H_
#define PLATFORM_TYPES_USER_ID_H_

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace types {

// Who a call or an event speaks for: [A-Za-z0-9][A-Za-z0-9._@:-]{0,63}, case
// counts. The user is also the shard key.
class UserId {
 public:
  static constexpr std::size_t kBytesMax = 64;

  static std::optional<UserId> Parse(std::string_view text);

  const std::string& ToString() const { return text_; }

  friend auto operator<=>(const UserId&, const UserId&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const UserId& id) {
    return H::combine(std::move(h), id.text_);
  }

 private:
  explicit UserId(std::string_view text) : text_(text) {}

  std::string text_;
};

}  // namespace types

#endif  // PLATFORM_TYPES_USER_ID_H_
