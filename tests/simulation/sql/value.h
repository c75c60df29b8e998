#ifndef TESTS_SIMULATION_SQL_VALUE_H_
#define TESTS_SIMULATION_SQL_VALUE_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace simulation::sql {

struct Timestamp {
  std::int64_t micros = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};
struct Interval {
  std::int64_t micros = 0;
  friend auto operator<=>(const Interval&, const Interval&) = default;
};
struct Null {
  friend auto operator<=>(const Null&, const Null&) = default;
};

// A column's value. uuid and bytea are kept in their text forms.
using Value = std::variant<Null, bool, std::int64_t, double, Timestamp, Interval, std::string>;
using Row = std::vector<Value>;

inline bool IsNull(const Value& value) { return std::holds_alternative<Null>(value); }

enum class Type { kText, kBigint, kTimestamp, kBool };

// Aborts for a type that the simulated database does not know.
Type TypeNamed(std::string_view name);

// `::type`. Nothing if the value is no text of that type.
std::optional<Value> Cast(const Value& value, Type type);

// The text form that a driver hands over; nothing for NULL.
std::optional<std::string> ToText(Value value);

// Both not null. An untyped parameter takes the type of what it is compared with.
std::strong_ordering Compare(const Value& a, const Value& b);

// The elements of an array parameter, `{"a",b,NULL}`.
std::vector<Value> ReadArray(std::string_view text, Type type);

}  // namespace simulation::sql

#endif  // TESTS_SIMULATION_SQL_VALUE_H_
