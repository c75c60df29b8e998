// A page token that is accepted was made for this user and list; one that was made for them
// is accepted.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "platform/check/check.h"
#include "platform/types/paging.h"
#include "platform/types/user_id.h"

namespace {

constexpr std::size_t kKeyBytesMax = 128;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static const types::UserId user = *types::UserId::Parse("u1");
  static const types::UserId other = *types::UserId::Parse("u2");

  const absl::StatusOr<std::string> key = types::DecodePageToken(user, "orders", text);
  if (key.ok()) {
    CHECK(types::EncodePageToken(user, "orders", *key) == text);
    CHECK(!types::DecodePageToken(other, "orders", text).ok());
    CHECK(!types::DecodePageToken(user, "orders:NEW", text).ok());
  }

  // Keys are ids and numbers; tokens have a limit, and so have the keys they can hold.
  const std::string given = text.substr(0, kKeyBytesMax);
  const std::string token = types::EncodePageToken(user, "orders", given);
  const absl::StatusOr<std::string> back = types::DecodePageToken(user, "orders", token);
  CHECK(back.ok() && *back == given);
  CHECK(!types::DecodePageToken(other, "orders", token).ok());
  return 0;
}
