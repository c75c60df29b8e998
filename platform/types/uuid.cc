#include "platform/types/uuid.h"

#include <cstddef>

#include "platform/host/host.h"

namespace types {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

bool IsHyphenPosition(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Uuid Uuid::V7Floor(absl::Time now) {
  Uuid id;
  const auto millis = static_cast<std::uint64_t>(absl::ToUnixMillis(now));
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes_[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  }
  id.bytes_[6] = 0x70;
  id.bytes_[8] = 0x80;
  return id;
}

Uuid Uuid::V7(absl::Time now) {
  host::Random random;
  Uuid id = V7Floor(now);
  const std::uint64_t a = random();
  const std::uint64_t b = random();
  id.bytes_[6] |= static_cast<std::uint8_t>(a & 0x0f);
  id.bytes_[7] = static_cast<std::uint8_t>(a >> 8);
  id.bytes_[8] |= static_cast<std::uint8_t>((a >> 16) & 0x3f);
  for (std::size_t i = 9; i < 16; ++i) {
    id.bytes_[i] = static_cast<std::uint8_t>(b >> (8 * (i - 9)));
  }
  return id;
}

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsHyphenPosition(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return std::nullopt;
    std::uint8_t& byte = id.bytes_[nibble / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
    ++nibble;
  }
  return id;
}

std::string Uuid::ToString() const {
  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes_) {
    if (IsHyphenPosition(at)) ++at;
    text[at++] = kDigits[byte >> 4];
    text[at++] = kDigits[byte & 0x0f];
  }
  return text;
}

}  // namespace types
