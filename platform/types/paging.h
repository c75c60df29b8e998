#ifndef PLATFORM_TYPES_PAGING_H_
#define PLATFORM_TYPES_PAGING_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "platform/types/user_id.h"

namespace types {

inline constexpr std::int32_t kPageSizeDefault = 50;
inline constexpr std::int32_t kPageSizeMax = 200;

// Rows of a page: 0 means the default, more than the most means the most.
// INVALID_PAGE_SIZE when negative.
absl::StatusOr<std::int32_t> ParsePageSize(std::int32_t page_size);

// Says where the next page of one user's list begins. Opaque to clients, not
// secret: it binds `key`, the last row's sort key, to the user and to `scope`,
// the list and its filter.
std::string EncodePageToken(const UserId& user_id, absl::string_view scope, absl::string_view key);

// The key of a token made for this user and scope; INVALID_PAGE_TOKEN for any
// other text.
absl::StatusOr<std::string> DecodePageToken(const UserId& user_id, absl::string_view scope,
                                            absl::string_view token);

}  // namespace types

#endif  // PLATFORM_TYPES_PAGING_H_
