#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "platform/check/check.h"
#include "tests/simulation/sql/parser.h"

namespace simulation::sql {
namespace {

using Kind = Expression::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 7> kComparisons{{
    {"=", Kind::kEqual},
    {"<>", Kind::kNotEqual},
    {"<=", Kind::kLessOrEqual},
    {">=", Kind::kGreaterOrEqual},
    {"<", Kind::kLess},
    {">", Kind::kGreater},
    {"~", Kind::kMatches},
}};

Expression Of(Kind kind, Expression arg) {
  Expression made{.kind = kind};
  made.args.push_back(std::move(arg));
  return made;
}

Expression Of(Kind kind, Expression left, Expression right) {
  Expression made = Of(kind, std::move(left));
  made.args.push_back(std::move(right));
  return made;
}

Expression Literal(Value value) { return {.kind = Kind::kLiteral, .literal = std::move(value)}; }

}  // namespace

Expression Parser::Or() {
  Expression left = And();
  while (TryWord("or")) left = Of(Kind::kOr, std::move(left), And());
  return left;
}

Expression Parser::And() {
  Expression left = Not();
  while (TryWord("and")) left = Of(Kind::kAnd, std::move(left), Not());
  return left;
}

Expression Parser::Not() {
  if (TryWord("not")) return Of(Kind::kNot, Not());
  return Comparison();
}

Expression Parser::Comparison() {
  Expression left = Concatenation();
  if (TryWords({"is", "not", "null"})) return Of(Kind::kNot, Of(Kind::kIsNull, std::move(left)));
  if (TryWords({"is", "null"})) return Of(Kind::kIsNull, std::move(left));
  if (TryWord("in")) return In(std::move(left));
  if (TryWord("between")) {
    Expression between = Of(Kind::kBetween, std::move(left));
    between.args.push_back(Concatenation());
    ExpectWord("and");
    between.args.push_back(Concatenation());
    return between;
  }
  for (const auto& [symbol, kind] : kComparisons) {
    if (!TrySymbol(symbol)) continue;
    if (!TryWord("any")) return Of(kind, std::move(left), Concatenation());
    Expression any = Of(Kind::kAny, std::move(left));
    ExpectSymbol("(");
    any.args.push_back(ParseExpression());
    ExpectSymbol(")");
    return any;
  }
  return left;
}

Expression Parser::In(Expression left) {
  Expression in = Of(Kind::kIn, std::move(left));
  ExpectSymbol("(");
  if (IsWord("select")) {
    in.kind = Kind::kAny;
    in.args.push_back({.kind = Kind::kArrayOf, .select = std::make_shared<Select>(ParseSelect())});
  } else {
    for (Expression& item : List()) in.args.push_back(std::move(item));
  }
  ExpectSymbol(")");
  return in;
}

Expression Parser::Concatenation() {
  Expression left = Sum();
  while (TrySymbol("||")) left = Of(Kind::kConcatenated, std::move(left), Sum());
  return left;
}

Expression Parser::Sum() {
  Expression left = Product();
  while (true) {
    if (TrySymbol("+")) {
      left = Of(Kind::kPlus, std::move(left), Product());
    } else if (TrySymbol("-")) {
      left = Of(Kind::kMinus, std::move(left), Product());
    } else {
      return left;
    }
  }
}

Expression Parser::Product() {
  Expression left = Postfix();
  while (TrySymbol("*")) left = Of(Kind::kTimes, std::move(left), Postfix());
  return left;
}

Expression Parser::Postfix() {
  Expression left = Primary();
  while (true) {
    if (TrySymbol("::")) {
      bool is_array = false;
      left = Of(Kind::kCast, std::move(left));
      left.type = ParseType(is_array);
      if (is_array) left.kind = Kind::kArrayCast;
    } else if (TryWord("collate")) {
      ++at_;  // "C", as all texts of a simulation are compared
    } else {
      return left;
    }
  }
}

Expression Parser::Primary() {
  const Token& token = Peek();
  switch (token.kind) {
    case Token::Kind::kString:
      ++at_;
      return Literal(token.text);
    case Token::Kind::kNumber:
    case Token::Kind::kParameter: {
      std::int64_t number = 0;
      CHECK(absl::SimpleAtoi(token.text, &number));
      ++at_;
      if (token.kind == Token::Kind::kNumber) return Literal(number);
      return {.kind = Kind::kParameter, .number = static_cast<std::size_t>(number - 1)};
    }
    case Token::Kind::kSymbol: {
      ExpectSymbol("(");
      if (IsWord("select")) return Sub(Kind::kSubquery);
      Expression inner = ParseExpression();
      ExpectSymbol(")");
      return inner;
    }
    default:
      return Word();
  }
}

// After the opening parenthesis.
Expression Parser::Sub(Kind kind) {
  Expression sub{.kind = kind, .select = std::make_shared<Select>(ParseSelect())};
  ExpectSymbol(")");
  return sub;
}

Expression Parser::Word() {
  std::string name = Name();
  if (name == "null") return Literal(Null());
  if (name == "true") return Literal(true);
  if (name == "false") return Literal(false);
  if (name == "case") return Case();
  if (name == "interval") {
    if (Peek().text != "1 microsecond") Fail("'1 microsecond'");
    ++at_;
    return Literal(Interval{1});
  }
  if ((name == "exists" || name == "array") && TrySymbol("(")) {
    return Sub(name == "exists" ? Kind::kExists : Kind::kArrayOf);
  }
  if (name == "extract") return Extract();
  if (TrySymbol("(")) return Call(std::move(name));
  Expression column{.kind = Kind::kColumn, .name = std::move(name)};
  if (TrySymbol(".")) {
    column.qualifier = std::exchange(column.name, "");
    column.name = Name();
  }
  return column;
}

Expression Parser::Call(std::string name) {
  Expression call{.kind = Kind::kFunction, .name = std::move(name)};
  if (!IsSymbol(")")) call.args = List();
  ExpectSymbol(")");
  return call;
}

// extract(epoch FROM x): a function of x.
Expression Parser::Extract() {
  ExpectSymbol("(");
  ExpectWord("epoch");
  ExpectWord("from");
  Expression call{.kind = Kind::kFunction, .name = "extract"};
  call.args.push_back(ParseExpression());
  ExpectSymbol(")");
  return call;
}

Expression Parser::Case() {
  Expression made{.kind = Kind::kCase};
  while (TryWord("when")) {
    made.args.push_back(ParseExpression());
    ExpectWord("then");
    made.args.push_back(ParseExpression());
  }
  made.args.push_back(TryWord("else") ? ParseExpression() : Literal(Null()));
  ExpectWord("end");
  return made;
}

std::vector<Expression> Parser::List() {
  std::vector<Expression> items;
  do {
    items.push_back(ParseExpression());
  } while (TrySymbol(","));
  return items;
}

}  // namespace simulation::sql
