#include "platform/types/paging.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "platform/types/error.h"

namespace types {
namespace {

// Longer than any token made here; bounds the work on a foreign one.
constexpr std::size_t kTokenBytesMax = 512;

// What precedes the key; neither a user id nor a scope holds a newline.
std::string Prefix(const UserId& user_id, absl::string_view scope) {
  return absl::StrCat(user_id.ToString(), "\n", scope, "\n");
}

}  // namespace

absl::StatusOr<std::int32_t> ParsePageSize(std::int32_t page_size) {
  if (page_size < 0) {
    return FieldError("INVALID_PAGE_SIZE", "page_size", "page_size must not be negative");
  }
  if (page_size == 0) return kPageSizeDefault;
  return std::min(page_size, kPageSizeMax);
}

std::string EncodePageToken(const UserId& user_id, absl::string_view scope, absl::string_view key) {
  return absl::WebSafeBase64Escape(absl::StrCat(Prefix(user_id, scope), key));
}

absl::StatusOr<std::string> DecodePageToken(const UserId& user_id, absl::string_view scope,
                                            absl::string_view token) {
  const std::string prefix = Prefix(user_id, scope);
  std::string text;
  if (token.size() > kTokenBytesMax || !absl::WebSafeBase64Unescape(token, &text) ||
      !absl::StartsWith(text, prefix)) {
    return FieldError("INVALID_PAGE_TOKEN", "page_token",
                      "page_token must be the next_page_token of this list's previous page");
  }
  return text.substr(prefix.size());
}

}  // namespace types
