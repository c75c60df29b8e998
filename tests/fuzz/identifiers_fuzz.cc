// UUIDs, user ids and idempotency keys: what is accepted is exactly what their grammar says, and is
// written back as it was read.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <regex>
#include <string>

#include "platform/check/check.h"
#include "platform/types/idempotency_key.h"
#include "platform/types/user_id.h"
#include "platform/types/uuid.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Longer texts are refused by their length alone, and cost a regex much.
  const std::string text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 300));

  static const std::regex uuid_grammar(
      "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
  const std::optional<types::Uuid> uuid = types::Uuid::Parse(text);
  CHECK(uuid.has_value() == std::regex_match(text, uuid_grammar));
  if (uuid) {
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char letter) { return std::tolower(letter); });
    CHECK(uuid->ToString() == lower);
  }

  static const std::regex user_id_grammar("[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}");
  const std::optional<types::UserId> user_id = types::UserId::Parse(text);
  CHECK(user_id.has_value() == std::regex_match(text, user_id_grammar));
  if (user_id) CHECK(user_id->ToString() == text);

  static const std::regex key_grammar("[!-~]{1,255}");
  const std::optional<types::IdempotencyKey> key = types::IdempotencyKey::Parse(text);
  CHECK(key.has_value() == std::regex_match(text, key_grammar));
  if (key) CHECK(key->ToString() == text);
  return 0;
}
