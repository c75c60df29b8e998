#include "platform/pg/array.h"

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace pg {

std::string ToText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

void Array::Separate() {
  if (text_.size() > 1) text_.push_back(',');
}

void Array::Add(std::string_view text) {
  Separate();
  text_.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') text_.push_back('\\');
    text_.push_back(c);
  }
  text_.push_back('"');
}

void Array::Add(std::int64_t number) {
  Separate();
  absl::StrAppend(&text_, number);
}

void Array::Add(const types::Uuid& id) {
  Separate();
  text_.append(id.ToString());
}

void Array::Add(absl::Time time) { Add(std::string_view(ToText(time))); }

void Array::AddNull() {
  Separate();
  text_.append("NULL");
}

void Array::AddBytes(std::string_view bytes) {
  Separate();
  // bytea's hex form, its backslash escaped once for the array.
  absl::StrAppend(&text_, "\"\\\\x", absl::BytesToHexString({bytes.data(), bytes.size()}), "\"");
}

std::string Array::Take() && {
  text_.push_back('}');
  return std::move(text_);
}

}  // namespace pg
