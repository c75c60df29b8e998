#include "tests/simulation/sql/lexer.h"

#include <cstddef>

#include "absl/strings/ascii.h"

namespace simulation::sql {
namespace {

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  std::vector<Token> Run() {
    std::vector<Token> tokens;
    do {
      SkipBlanks();
      tokens.push_back(Next());
    } while (tokens.back().kind != Token::Kind::kEnd);
    return tokens;
  }

 private:
  char At(std::size_t ahead = 0) const {
    return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
  }

  void SkipBlanks() {
    while (at_ < sql_.size()) {
      if (absl::ascii_isspace(static_cast<unsigned char>(At()))) {
        ++at_;
      } else if (At() == '-' && At(1) == '-') {
        while (at_ < sql_.size() && At() != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  template <typename Belongs>
  std::string While(Belongs belongs) {
    const std::size_t start = at_;
    while (at_ < sql_.size() && belongs(static_cast<unsigned char>(At()))) ++at_;
    return std::string(sql_.substr(start, at_ - start));
  }

  // The quote doubled stands for itself.
  std::string Quoted(char quote) {
    std::string text;
    for (++at_; at_ < sql_.size(); ++at_) {
      if (At() == quote) {
        if (At(1) != quote) break;
        ++at_;
      }
      text.push_back(At());
    }
    ++at_;
    return text;
  }

  std::string DollarQuoted() {
    const std::size_t start = at_ + 2;
    const std::size_t end = sql_.find("$$", start);
    at_ = end + 2;
    return std::string(sql_.substr(start, end - start));
  }

  Token Next() {
    const auto first = static_cast<unsigned char>(At());
    if (at_ >= sql_.size()) return {};
    if (absl::ascii_isalpha(first) || first == '_') {
      return {Token::Kind::kWord, absl::AsciiStrToLower(While([](unsigned char c) {
                return absl::ascii_isalnum(c) || c == '_';
              }))};
    }
    if (absl::ascii_isdigit(first)) return {Token::Kind::kNumber, While(absl::ascii_isdigit)};
    if (first == '\'') return {Token::Kind::kString, Quoted('\'')};
    if (first == '"') return {Token::Kind::kQuoted, Quoted('"')};
    if (first == '$' && At(1) == '$') return {Token::Kind::kString, DollarQuoted()};
    if (first == '$' && absl::ascii_isdigit(static_cast<unsigned char>(At(1)))) {
      ++at_;
      return {Token::Kind::kParameter, While(absl::ascii_isdigit)};
    }
    for (const std::string_view symbol : {"::", "<>", "<=", ">=", "||"}) {
      if (sql_.substr(at_).starts_with(symbol)) {
        at_ += symbol.size();
        return {Token::Kind::kSymbol, std::string(symbol)};
      }
    }
    ++at_;
    return {Token::Kind::kSymbol, std::string(1, static_cast<char>(first))};
  }

  const std::string_view sql_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> Lex(std::string_view sql) { return Lexer(sql).Run(); }

}  // namespace simulation::sql
