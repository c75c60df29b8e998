#include "platform/pg/tx.h"

#include <charconv>
#include <system_error>

#include "absl/strings/escaping.h"
#include "platform/check/check.h"

namespace pg {

bool Row::IsNull(std::size_t column) const { return !result_->source_->Value(row_, column); }

std::string_view Row::Text(std::size_t column) const {
  const std::optional<std::string_view> value = result_->source_->Value(row_, column);
  CHECK(value.has_value());
  return *value;
}

std::int64_t Row::Int64(std::size_t column) const {
  const std::string_view text = Text(column);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  CHECK(error == std::errc() && end == text.data() + text.size());
  return number;
}

types::Uuid Row::Uuid(std::size_t column) const {
  const std::optional<types::Uuid> id = types::Uuid::Parse(Text(column));
  CHECK(id.has_value());
  return *id;
}

absl::Time Row::Time(std::size_t column) const { return absl::FromUnixMicros(Int64(column)); }

std::string Row::Bytes(std::size_t column) const {
  const std::string_view text = Text(column);
  CHECK(text.starts_with("\\x"));
  return absl::HexStringToBytes({text.data() + 2, text.size() - 2});
}

}  // namespace pg
