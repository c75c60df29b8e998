#ifndef TESTS_SIMULATION_SQL_PARSER_H_
#define TESTS_SIMULATION_SQL_PARSER_H_

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/sql/ast.h"
#include "tests/simulation/sql/lexer.h"

namespace simulation::sql {

// Reads tokens as the SQL that this project's statements and migrations are
// written in. Aborts, and shows where, at what it does not know: extend it here.
class Parser {
 public:
  explicit Parser(std::string_view sql) : sql_(sql), tokens_(Lex(sql)) {}

  Statement ParseStatement();
  Expression ParseExpression() { return Or(); }
  // A name; `keyword` ones are consumed only if they come next.
  std::string Name();
  std::vector<std::string> NamesInParentheses();
  bool TryWord(std::string_view word);
  bool TryWords(std::initializer_list<std::string_view> words);
  bool TrySymbol(std::string_view symbol);
  void ExpectWord(std::string_view word);
  void ExpectSymbol(std::string_view symbol);
  bool AtEnd() const { return Peek().kind == Token::Kind::kEnd; }
  void SkipStatement();
  // `text`, `uuid[]`; says in `is_array` which.
  Type ParseType(bool& is_array);
  void SkipToken() { ++at_; }

 private:
  const Token& Peek(std::size_t ahead = 0) const;
  bool IsWord(std::string_view word, std::size_t ahead = 0) const;
  bool IsSymbol(std::string_view symbol, std::size_t ahead = 0) const;
  [[noreturn]] void Fail(std::string_view expected) const;

  // One without WITH.
  Statement Body();
  Statement Insert();
  Statement Update();
  Statement Delete();
  Select ParseSelect();
  void ParseFrom(Select& select);
  void ParseJoin(Select& select);
  void ParseTail(Select& select);
  void ParseLock(Select& select);
  Source ParseSource();
  void Require(Select& select, Expression condition);

  Expression Or();
  Expression And();
  Expression Not();
  Expression Comparison();
  Expression Concatenation();
  Expression Sum();
  Expression Product();
  Expression Postfix();
  Expression Primary();
  Expression Word();
  Expression Case();
  Expression Extract();
  Expression In(Expression left);
  Expression Call(std::string name);
  Expression Sub(Expression::Kind kind);
  std::vector<Expression> List();

  const std::string sql_;
  const std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace simulation::sql

#endif  // TESTS_SIMULATION_SQL_PARSER_H_
