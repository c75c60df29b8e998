#include "tests/simulation/sql/parser.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

namespace simulation::sql {

const Token& Parser::Peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

bool Parser::IsWord(std::string_view word, std::size_t ahead) const {
  return Peek(ahead).kind == Token::Kind::kWord && Peek(ahead).text == word;
}

bool Parser::IsSymbol(std::string_view symbol, std::size_t ahead) const {
  return Peek(ahead).kind == Token::Kind::kSymbol && Peek(ahead).text == symbol;
}

bool Parser::TryWord(std::string_view word) {
  if (!IsWord(word)) return false;
  ++at_;
  return true;
}

bool Parser::TryWords(std::initializer_list<std::string_view> words) {
  std::size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!IsWord(word, ahead++)) return false;
  }
  at_ += words.size();
  return true;
}

bool Parser::TrySymbol(std::string_view symbol) {
  if (!IsSymbol(symbol)) return false;
  ++at_;
  return true;
}

void Parser::ExpectWord(std::string_view word) {
  if (!TryWord(word)) Fail(word);
}

void Parser::ExpectSymbol(std::string_view symbol) {
  if (!TrySymbol(symbol)) Fail(symbol);
}

void Parser::Fail(std::string_view expected) const {
  std::fprintf(stderr, "the simulated database expects %.*s at token %zu, \"%s\", of:\n%s\n",
               static_cast<int>(expected.size()), expected.data(), at_, Peek().text.c_str(),
               sql_.c_str());
  std::abort();
}

std::string Parser::Name() {
  if (Peek().kind != Token::Kind::kWord) Fail("a name");
  return tokens_[at_++].text;
}

std::vector<std::string> Parser::NamesInParentheses() {
  std::vector<std::string> names;
  ExpectSymbol("(");
  do {
    names.push_back(Name());
  } while (TrySymbol(","));
  ExpectSymbol(")");
  return names;
}

void Parser::SkipStatement() {
  while (!AtEnd() && !TrySymbol(";")) ++at_;
}

Type Parser::ParseType(bool& is_array) {
  const Type type = TypeNamed(Name());
  is_array = TrySymbol("[");
  if (is_array) ExpectSymbol("]");
  return type;
}

Statement Parser::ParseStatement() {
  std::vector<Statement> parts;
  if (TryWord("with")) {
    do {
      std::string name = Name();
      ExpectWord("as");
      ExpectSymbol("(");
      parts.push_back(Body());
      parts.back().name = std::move(name);
      ExpectSymbol(")");
    } while (TrySymbol(","));
  }
  Statement statement = Body();
  statement.parts = std::move(parts);
  if (!AtEnd()) Fail("the end");
  return statement;
}

Statement Parser::Body() {
  Statement statement;
  if (TryWord("insert")) {
    statement = Insert();
  } else if (TryWord("update")) {
    statement = Update();
  } else if (TryWord("delete")) {
    statement = Delete();
  } else {
    statement.select = ParseSelect();
  }
  if (TryWord("returning")) statement.returning = List();
  return statement;
}

Statement Parser::Insert() {
  Statement statement{.kind = Statement::Kind::kInsert};
  ExpectWord("into");
  statement.table = Name();
  statement.columns = NamesInParentheses();
  statement.select = ParseSelect();
  if (!TryWords({"on", "conflict"})) return statement;
  if (IsSymbol("(")) statement.conflict_columns = NamesInParentheses();
  if (!TryWords({"do", "nothing"})) Fail("do nothing");
  statement.on_conflict_do_nothing = true;
  return statement;
}

Statement Parser::Update() {
  Statement statement{.kind = Statement::Kind::kUpdate};
  statement.table = Name();
  statement.select.sources.push_back({.table = statement.table, .alias = statement.table});
  ExpectWord("set");
  do {
    std::string column = Name();
    ExpectSymbol("=");
    statement.assignments.push_back({std::move(column), ParseExpression()});
  } while (TrySymbol(","));
  if (TryWord("from")) ParseFrom(statement.select);
  if (TryWord("where")) Require(statement.select, ParseExpression());
  return statement;
}

Statement Parser::Delete() {
  Statement statement{.kind = Statement::Kind::kDelete};
  ExpectWord("from");
  statement.table = Name();
  statement.select.sources.push_back({.table = statement.table, .alias = statement.table});
  if (TryWord("using")) ParseFrom(statement.select);
  if (TryWord("where")) Require(statement.select, ParseExpression());
  return statement;
}

Select Parser::ParseSelect() {
  Select select;
  ExpectWord("select");
  do {
    select.items.push_back(ParseExpression());
    const bool named = TryWord("as");
    select.names.push_back(named ? Name() : select.items.back().name);
  } while (TrySymbol(","));
  if (TryWord("from")) ParseFrom(select);
  if (TryWord("where")) Require(select, ParseExpression());
  ParseTail(select);
  return select;
}

void Parser::ParseFrom(Select& select) {
  do {
    select.sources.push_back(ParseSource());
    while (TryWord("join")) ParseJoin(select);
  } while (TrySymbol(","));
}

void Parser::ParseJoin(Select& select) {
  select.sources.push_back(ParseSource());
  if (TryWord("on")) return Require(select, ParseExpression());
  ExpectWord("using");
  const Source& left = select.sources[select.sources.size() - 2];
  const Source& right = select.sources.back();
  for (const std::string& column : NamesInParentheses()) {
    Expression equal{.kind = Expression::Kind::kEqual};
    for (const Source* side : {&left, &right}) {
      equal.args.push_back(
          {.kind = Expression::Kind::kColumn, .name = column, .qualifier = side->alias});
    }
    Require(select, std::move(equal));
  }
}

void Parser::Require(Select& select, Expression condition) {
  if (!select.where) {
    select.where = std::move(condition);
    return;
  }
  Expression both{.kind = Expression::Kind::kAnd};
  both.args.push_back(*std::move(select.where));
  both.args.push_back(std::move(condition));
  select.where = std::move(both);
}

Source Parser::ParseSource() {
  Source source;
  source.lateral = TryWord("lateral");
  if (TrySymbol("(")) {
    source.kind = Source::Kind::kSelect;
    source.select = std::make_shared<Select>(ParseSelect());
    source.columns = source.select->names;
    ExpectSymbol(")");
  } else if (IsWord("unnest") && IsSymbol("(", 1)) {
    at_ += 2;
    source.kind = Source::Kind::kUnnest;
    source.arrays = List();
    ExpectSymbol(")");
  } else {
    source.table = Name();
    source.alias = source.table;
  }
  if (TryWord("as")) source.alias = Name();
  if (source.kind == Source::Kind::kUnnest) source.columns = NamesInParentheses();
  return source;
}

void Parser::ParseTail(Select& select) {
  if (TryWords({"order", "by"})) {
    do {
      select.order_by.push_back({.key = ParseExpression()});
      select.order_by.back().descending = TryWord("desc");
    } while (TrySymbol(","));
  }
  if (TryWord("limit")) select.limit = ParseExpression();
  if (TryWord("for")) ParseLock(select);
}

void Parser::ParseLock(Select& select) {
  if (TryWord("update")) {
    select.lock = LockMode::kUpdate;
  } else if (TryWords({"no", "key", "update"})) {
    select.lock = LockMode::kNoKeyUpdate;
  } else if (TryWords({"key", "share"})) {
    select.lock = LockMode::kKeyShare;
  } else {
    Fail("a lock");
  }
  if (TryWord("of")) select.lock_of = Name();
  select.skip_locked = TryWords({"skip", "locked"});
}

}  // namespace simulation::sql
