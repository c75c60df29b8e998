#include "platform/types/user_id.h"

#include "absl/strings/ascii.h"

namespace types {
namespace {

bool MayFollow(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '@' ||
         c == ':' || c == '-';
}

}  // namespace

std::optional<UserId> UserId::Parse(std::string_view text) {
  if (text.empty() || text.size() > kBytesMax) return std::nullopt;
  if (!absl::ascii_isalnum(static_cast<unsigned char>(text.front()))) return std::nullopt;
  for (const char c : text.substr(1)) {
    if (!MayFollow(c)) return std::nullopt;
  }
  return UserId(text);
}

}  // namespace types
