#include "tests/simulation/sql/evaluate.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "platform/check/check.h"

namespace simulation::sql {
namespace {

using Kind = Expression::Kind;

[[noreturn]] void Unknown(const char* what, const std::string& name) {
  std::fprintf(stderr, "the simulated database knows no %s %s\n", what, name.c_str());
  std::abort();
}

class Evaluation {
 public:
  Evaluation(const Scope& scope, Environment& environment)
      : scope_(scope), environment_(environment) {}

  // What is kept elsewhere is not copied; all else is put into `made`.
  const Value& Of(const Expression& expression, Value& made) {
    switch (expression.kind) {
      case Kind::kLiteral:
        return expression.literal;
      case Kind::kParameter:
        return environment_.ParameterAt(expression.number);
      case Kind::kColumn:
        return Column(expression);
      default:
        return made = Made(expression);
    }
  }

  Value Of(const Expression& expression) {
    Value made;
    const Value& value = Of(expression, made);
    return &value == &made ? std::move(made) : value;
  }

  // Of a condition; nothing: unknown.
  std::optional<bool> Truth(const Expression& expression) {
    switch (expression.kind) {
      case Kind::kAnd:
        return AndOr(expression, false);
      case Kind::kOr:
        return AndOr(expression, true);
      case Kind::kNot: {
        const std::optional<bool> truth = Truth(expression.args[0]);
        return truth ? std::optional(!*truth) : std::nullopt;
      }
      case Kind::kIsNull: {
        Value made;
        return IsNull(Of(expression.args[0], made));
      }
      case Kind::kAny:
        return Any(expression, environment_.ArrayOf(expression.args[1], scope_));
      case Kind::kIn:
        return In(expression);
      case Kind::kBetween:
        return Between(expression);
      case Kind::kExists:
        return !environment_.RunSubselect(*expression.select, scope_).empty();
      case Kind::kEqual:
      case Kind::kNotEqual:
      case Kind::kLess:
      case Kind::kLessOrEqual:
      case Kind::kGreater:
      case Kind::kGreaterOrEqual:
      case Kind::kMatches:
        return Comparison(expression);
      default: {
        Value made;
        const Value& value = Of(expression, made);
        return IsNull(value) ? std::nullopt : std::optional(std::get<bool>(value));
      }
    }
  }

 private:
  static Value Checked(std::optional<Value> value) {
    CHECK(value.has_value());
    return *std::move(value);
  }

  Value Made(const Expression& expression) {
    switch (expression.kind) {
      case Kind::kPlus:
      case Kind::kMinus:
      case Kind::kTimes:
      case Kind::kConcatenated:
        return Operator(expression);
      case Kind::kCase:
        return Case(expression);
      case Kind::kCast:
        return Checked(Cast(Of(expression.args[0]), expression.type));
      case Kind::kFunction:
        return Function(expression);
      case Kind::kSubquery: {
        std::vector<Row> rows = environment_.RunSubselect(*expression.select, scope_);
        return rows.empty() ? Value(Null()) : std::move(rows.front().front());
      }
      case Kind::kArrayCast:
      case Kind::kArrayOf:
        CHECK(false);
      default: {
        const std::optional<bool> truth = Truth(expression);
        return truth ? Value(*truth) : Value(Null());
      }
    }
  }

  const Value& Column(const Expression& expression) {
    if (!expression.place) expression.place = Find(expression);
    const Expression::Place& place = *expression.place;
    const Scope* scope = &scope_;
    for (std::size_t i = 0; i < place.depth; ++i) scope = scope->outer;
    return (*scope->rows[place.source])[place.column];
  }

  Expression::Place Find(const Expression& expression) const {
    std::size_t depth = 0;
    for (const Scope* scope = &scope_; scope != nullptr; scope = scope->outer, ++depth) {
      if (scope->sources == nullptr) continue;
      for (std::size_t source = 0; source < scope->sources->size(); ++source) {
        const Source& one = (*scope->sources)[source];
        if (!expression.qualifier.empty() && expression.qualifier != one.alias) continue;
        const auto found = std::find(one.columns.begin(), one.columns.end(), expression.name);
        if (found == one.columns.end()) continue;
        return {depth, source, static_cast<std::size_t>(found - one.columns.begin())};
      }
    }
    Unknown("column", expression.name);
  }

  // Three-valued: one side alone may decide.
  std::optional<bool> AndOr(const Expression& expression, bool deciding) {
    bool unknown = false;
    for (const Expression& arg : expression.args) {
      const std::optional<bool> truth = Truth(arg);
      if (truth == deciding) return deciding;
      unknown = unknown || !truth;
    }
    return unknown ? std::nullopt : std::optional(!deciding);
  }

  std::optional<bool> Comparison(const Expression& expression) {
    Value made_left;
    Value made_right;
    const Value& left = Of(expression.args[0], made_left);
    const Value& right = Of(expression.args[1], made_right);
    if (IsNull(left) || IsNull(right)) return std::nullopt;
    // Formats are checked where texts come in; the rules of the tables repeat it.
    if (expression.kind == Kind::kMatches) return true;
    const std::strong_ordering order = Compare(left, right);
    switch (expression.kind) {
      case Kind::kEqual:
        return order == 0;
      case Kind::kNotEqual:
        return order != 0;
      case Kind::kLess:
        return order < 0;
      case Kind::kLessOrEqual:
        return order <= 0;
      case Kind::kGreater:
        return order > 0;
      default:
        return order >= 0;
    }
  }

  Value Operator(const Expression& expression) {
    const Value left = Of(expression.args[0]);
    const Value right = Of(expression.args[1]);
    if (IsNull(left) || IsNull(right)) return Null();
    if (expression.kind == Kind::kConcatenated) return *ToText(left) + *ToText(right);
    const std::int64_t sign = expression.kind == Kind::kMinus ? -1 : 1;
    if (const auto* time = std::get_if<Timestamp>(&left)) {
      return Timestamp{time->micros + sign * std::get<Interval>(right).micros};
    }
    if (const auto* interval = std::get_if<Interval>(&right)) {
      return Interval{std::get<std::int64_t>(left) * interval->micros};
    }
    if (const auto* number = std::get_if<double>(&left)) {
      return *number * static_cast<double>(std::get<std::int64_t>(right));
    }
    const std::int64_t a = std::get<std::int64_t>(left);
    const std::int64_t b = std::get<std::int64_t>(right);
    return expression.kind == Kind::kTimes ? a * b : a + sign * b;
  }

  bool Any(const Expression& expression, const std::vector<Value>& array) {
    Value made;
    const Value& left = Of(expression.args[0], made);
    if (IsNull(left)) return false;
    return std::any_of(array.begin(), array.end(), [&](const Value& one) {
      return !IsNull(one) && Compare(left, one) == std::strong_ordering::equal;
    });
  }

  std::optional<bool> In(const Expression& expression) {
    Value made;
    const Value& left = Of(expression.args[0], made);
    if (IsNull(left)) return std::nullopt;
    for (std::size_t i = 1; i < expression.args.size(); ++i) {
      Value made_right;
      if (Compare(left, Of(expression.args[i], made_right)) == 0) return true;
    }
    return false;
  }

  std::optional<bool> Between(const Expression& expression) {
    Value made;
    const Value& value = Of(expression.args[0], made);
    if (IsNull(value)) return std::nullopt;
    return Compare(value, Of(expression.args[1])) >= 0 &&
           Compare(value, Of(expression.args[2])) <= 0;
  }

  Value Case(const Expression& expression) {
    for (std::size_t i = 0; i + 1 < expression.args.size(); i += 2) {
      if (Truth(expression.args[i]) == true) return Of(expression.args[i + 1]);
    }
    return Of(expression.args.back());
  }

  Value Function(const Expression& expression) {
    const std::string& name = expression.name;
    if (name == "now") return environment_.Now();
    if (name == "pg_try_advisory_xact_lock") {
      return environment_.TryAdvisoryLock(Of(expression.args[0]));
    }
    // As good a hash as any.
    if (name == "hashtextextended") return Of(expression.args[0]);
    if (name == "coalesce") {
      Value value = Null();
      for (std::size_t i = 0; IsNull(value) && i < expression.args.size(); ++i) {
        value = Of(expression.args[i]);
      }
      return value;
    }
    const Value value = Of(expression.args.at(0));
    if (IsNull(value)) return Null();
    if (name == "extract") return static_cast<double>(std::get<Timestamp>(value).micros) / 1e6;
    if (name == "char_length") {
      const auto& text = std::get<std::string>(value);
      return static_cast<std::int64_t>(std::count_if(
          text.begin(), text.end(), [](char c) { return (static_cast<int>(c) & 0xc0) != 0x80; }));
    }
    Unknown("function", name);
  }

  const Scope& scope_;
  Environment& environment_;
};

}  // namespace

Value Evaluate(const Expression& expression, const Scope& scope, Environment& environment) {
  return Evaluation(scope, environment).Of(expression);
}

bool IsTrue(const Expression& expression, const Scope& scope, Environment& environment) {
  return Evaluation(scope, environment).Truth(expression) == true;
}

bool IsFalse(const Expression& expression, const Scope& scope, Environment& environment) {
  return Evaluation(scope, environment).Truth(expression) == false;
}

}  // namespace simulation::sql
