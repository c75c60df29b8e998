#include "tests/simulation/sql/value.h"

#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "absl/time/time.h"
#include "platform/check/check.h"
#include "platform/pg/array.h"

namespace simulation::sql {
namespace {

std::optional<Value> ReadTimestamp(const std::string& text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  return Timestamp{absl::ToUnixMicros(time)};
}

std::optional<Value> ReadBigint(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Value> ReadAs(std::string text, Type type) {
  switch (type) {
    case Type::kText:
      return Value(std::move(text));
    case Type::kBigint:
      return ReadBigint(text);
    case Type::kTimestamp:
      return ReadTimestamp(text);
    case Type::kBool:
      return text == "t" || text == "true";
  }
  CHECK(false);
}

Type TypeOf(const Value& value) {
  if (std::holds_alternative<std::int64_t>(value)) return Type::kBigint;
  if (std::holds_alternative<Timestamp>(value)) return Type::kTimestamp;
  if (std::holds_alternative<bool>(value)) return Type::kBool;
  return Type::kText;
}

// An element of an array, from `at` on, which is moved past it.
std::string TakeQuoted(std::string_view array, std::size_t& at) {
  std::string element;
  while (true) {
    const std::size_t start = ++at;
    while (array[at] != '"' && array[at] != '\\') ++at;
    element.append(array, start, at - start);
    if (array[at] == '"') break;
    element.push_back(array[++at]);
  }
  ++at;
  return element;
}
std::string TakeBare(std::string_view array, std::size_t& at) {
  const std::size_t start = at;
  while (array[at] != ',' && array[at] != '}') ++at;
  return std::string(array.substr(start, at - start));
}

template <typename T>
std::strong_ordering Order(const T& a, const T& b) {
  return a < b ? std::strong_ordering::less
               : (b < a ? std::strong_ordering::greater : std::strong_ordering::equal);
}

}  // namespace

Type TypeNamed(std::string_view name) {
  if (name == "text" || name == "uuid" || name == "bytea") return Type::kText;
  if (name == "bigint" || name == "int" || name == "integer") return Type::kBigint;
  if (name == "timestamptz") return Type::kTimestamp;
  if (name == "boolean") return Type::kBool;
  CHECK(false);
}

std::optional<Value> Cast(const Value& value, Type type) {
  if (IsNull(value)) return value;
  if (const auto* text = std::get_if<std::string>(&value)) return ReadAs(*text, type);
  if (const auto* number = std::get_if<double>(&value); number != nullptr) {
    CHECK(type == Type::kBigint);
    return static_cast<std::int64_t>(std::llround(*number));
  }
  CHECK(TypeOf(value) == type || type == Type::kText);
  return TypeOf(value) == type ? value : Value(*ToText(value));
}

std::optional<std::string> ToText(Value value) {
  if (IsNull(value)) return std::nullopt;
  if (auto* text = std::get_if<std::string>(&value)) return std::move(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "t" : "f";
  if (const auto* time = std::get_if<Timestamp>(&value)) {
    return pg::ToText(absl::FromUnixMicros(time->micros));
  }
  CHECK(false);
}

std::strong_ordering Compare(const Value& a, const Value& b) {
  const auto* text = std::get_if<std::string>(&a);
  const auto* other_text = std::get_if<std::string>(&b);
  if (text != nullptr && other_text != nullptr) return *text <=> *other_text;
  if (a.index() == b.index()) return Order(a, b);
  const bool a_is_text = text != nullptr;
  const std::optional<Value> cast = a_is_text ? Cast(a, TypeOf(b)) : Cast(b, TypeOf(a));
  CHECK(cast.has_value() && cast->index() == (a_is_text ? b : a).index());
  return a_is_text ? Order(*cast, b) : Order(a, *cast);
}

std::vector<Value> ReadArray(std::string_view text, Type type) {
  CHECK(text.size() >= 2 && text.front() == '{' && text.back() == '}');
  std::vector<Value> values;
  std::size_t at = 1;
  while (text[at] != '}') {
    const bool quoted = text[at] == '"';
    std::string element = quoted ? TakeQuoted(text, at) : TakeBare(text, at);
    if (!quoted && element == "NULL") {
      values.emplace_back(Null());
    } else {
      std::optional<Value> value = ReadAs(std::move(element), type);
      CHECK(value.has_value());
      values.push_back(*std::move(value));
    }
    if (text[at] == ',') ++at;
  }
  return values;
}

}  // namespace simulation::sql
