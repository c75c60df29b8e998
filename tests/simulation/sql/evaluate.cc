#include "tests/simulation/sql/evaluate.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
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

  Value Of(const Expression& expression) {
    switch (expression.kind) {
      case Kind::kLiteral:
        return expression.literal;
      case Kind::kParameter: {
        const pg::Parameter& parameter = environment_.ParameterAt(expression.number);
        return parameter ? Value(*parameter) : Value(Null());
      }
      case Kind::kColumn:
        return Column(expression);
      case Kind::kOperator:
        return Operator(expression);
      case Kind::kNot:
        return Negated(Of(expression.args[0]));
      case Kind::kIsNull:
        return IsNull(Of(expression.args[0]));
      case Kind::kAny:
        return Any(expression, environment_.ArrayOf(expression.args[1], scope_));
      case Kind::kIn:
        return In(expression);
      case Kind::kBetween:
        return Between(expression);
      case Kind::kCase:
        return Case(expression);
      case Kind::kCast:
        return Checked(Cast(Of(expression.args[0]), expression.type));
      case Kind::kFunction:
        return Function(expression);
      case Kind::kSubquery: {
        const std::vector<Row> rows = environment_.RunSubselect(*expression.select, scope_);
        return rows.empty() ? Value(Null()) : rows.front().front();
      }
      case Kind::kExists:
        return !environment_.RunSubselect(*expression.select, scope_).empty();
      case Kind::kArrayCast:
      case Kind::kArrayOf:
        break;
    }
    CHECK(false);
  }

 private:
  static Value Checked(std::optional<Value> value) {
    CHECK(value.has_value());
    return *std::move(value);
  }

  static Value Negated(const Value& value) {
    return IsNull(value) ? value : Value(!std::get<bool>(value));
  }

  Value Column(const Expression& expression) {
    if (!expression.place) expression.place = Find(expression);
    const Expression::Place& place = *expression.place;
    const Scope* scope = &scope_;
    for (std::size_t i = 0; i < place.depth; ++i) scope = scope->outer;
    return (*(*scope->rows)[place.source])[place.column];
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
  Value AndOr(const Expression& expression, bool deciding) {
    bool unknown = false;
    for (const Expression& arg : expression.args) {
      const Value value = Of(arg);
      if (IsNull(value)) {
        unknown = true;
      } else if (std::get<bool>(value) == deciding) {
        return deciding;
      }
    }
    return unknown ? Value(Null()) : Value(!deciding);
  }

  Value Operator(const Expression& expression) {
    const std::string& name = expression.name;
    if (name == "and") return AndOr(expression, false);
    if (name == "or") return AndOr(expression, true);
    const Value left = Of(expression.args[0]);
    const Value right = Of(expression.args[1]);
    if (IsNull(left) || IsNull(right)) return Null();
    // Formats are checked where texts come in; the rules of the tables repeat it.
    if (name == "~") return true;
    if (name == "||") return *ToText(left) + *ToText(right);
    if (name == "+" || name == "-" || name == "*") return Arithmetic(name, left, right);
    const std::strong_ordering order = Compare(left, right);
    if (name == "=") return order == std::strong_ordering::equal;
    if (name == "<>") return order != std::strong_ordering::equal;
    if (name == "<") return order == std::strong_ordering::less;
    if (name == ">") return order == std::strong_ordering::greater;
    if (name == "<=") return order != std::strong_ordering::greater;
    CHECK(name == ">=");
    return order != std::strong_ordering::less;
  }

  static Value Arithmetic(const std::string& name, const Value& left, const Value& right) {
    const std::int64_t sign = name == "-" ? -1 : 1;
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
    return name == "*" ? a * b : a + sign * b;
  }

  Value Any(const Expression& expression, const std::vector<Value>& array) {
    const Value left = Of(expression.args[0]);
    return std::any_of(array.begin(), array.end(), [&](const Value& one) {
      return !IsNull(one) && !IsNull(left) && Compare(left, one) == std::strong_ordering::equal;
    });
  }

  Value In(const Expression& expression) {
    const Value left = Of(expression.args[0]);
    if (IsNull(left)) return Null();
    for (std::size_t i = 1; i < expression.args.size(); ++i) {
      if (Compare(left, Of(expression.args[i])) == std::strong_ordering::equal) return true;
    }
    return false;
  }

  Value Between(const Expression& expression) {
    const Value value = Of(expression.args[0]);
    if (IsNull(value)) return Null();
    return Compare(value, Of(expression.args[1])) != std::strong_ordering::less &&
           Compare(value, Of(expression.args[2])) != std::strong_ordering::greater;
  }

  Value Case(const Expression& expression) {
    for (std::size_t i = 0; i + 1 < expression.args.size(); i += 2) {
      const Value condition = Of(expression.args[i]);
      if (!IsNull(condition) && std::get<bool>(condition)) return Of(expression.args[i + 1]);
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
  const Value value = Evaluate(expression, scope, environment);
  return !IsNull(value) && std::get<bool>(value);
}

}  // namespace simulation::sql
