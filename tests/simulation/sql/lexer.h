#ifndef TESTS_SIMULATION_SQL_LEXER_H_
#define TESTS_SIMULATION_SQL_LEXER_H_

#include <string>
#include <string_view>
#include <vector>

namespace simulation::sql {

struct Token {
  // kWord is in lower case; kString and kQuoted without their quotes.
  enum class Kind { kWord, kString, kQuoted, kNumber, kParameter, kSymbol, kEnd };

  Kind kind = Kind::kEnd;
  std::string text;
};

// Without comments and blanks; ends with a kEnd. What stands between $$ is one
// kString.
std::vector<Token> Lex(std::string_view sql);

}  // namespace simulation::sql

#endif  // TESTS_SIMULATION_SQL_LEXER_H_
