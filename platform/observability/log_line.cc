#include "platform/observability/log_line.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_format.h"

namespace observability {
namespace {

constexpr std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      break;
  }
  return "error";
}

// Bytes of the UTF-8 character (Unicode 15, table 3-7) that `text` begins with;
// 0 if it begins with none.
std::size_t CharacterSize(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool surrogate = first == 0xed && byte(1) > 0x9f;
  const bool too_large = first == 0xf4 && byte(1) > 0x8f;
  return overlong || surrogate || too_large ? 0 : size;
}

void AppendAscii(std::string& line, char c) {
  if (c == '"' || c == '\\') {
    line += '\\';
    line += c;
  } else if (c == '\n') {
    line += "\\n";
  } else if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) {
    absl::StrAppendFormat(&line, "\\u%04x", static_cast<int>(c));
  } else {
    line += c;
  }
}

void AppendString(std::string& line, std::string_view text) {
  line += '"';
  while (!text.empty()) {
    const std::size_t size = CharacterSize(text);
    if (size == 0) {
      line += "\\ufffd";
    } else if (size == 1) {
      AppendAscii(line, text.front());
    } else {
      line += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  line += '"';
}

void AppendField(std::string& line, std::string_view name, std::string_view value) {
  if (line.size() > 1) line += ',';
  AppendString(line, name);
  line += ':';
  AppendString(line, value);
}

}  // namespace

std::string LogLine(absl::Time time, Level level, std::string_view service,
                    std::string_view message, std::initializer_list<Field> fields) {
  std::string line = "{";
  AppendField(line, "time", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone()));
  AppendField(line, "level", LevelName(level));
  AppendField(line, "service", service);
  AppendField(line, "message", message);
  for (const Field& field : fields) AppendField(line, field.name, field.value);
  line += '}';
  return line;
}

}  // namespace observability
