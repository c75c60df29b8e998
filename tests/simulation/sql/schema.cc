#include "tests/simulation/sql/schema.h"

#include <algorithm>
#include <utility>

#include "platform/check/check.h"

namespace simulation::sql {
namespace {

Expression InParentheses(Parser& parser) {
  parser.ExpectSymbol("(");
  Expression expression = parser.ParseExpression();
  parser.ExpectSymbol(")");
  return expression;
}

bool SpeaksOf(const Expression& expression, std::string_view column) {
  if (expression.kind == Expression::Kind::kColumn && expression.name == column) return true;
  return std::any_of(expression.args.begin(), expression.args.end(),
                     [&](const Expression& part) { return SpeaksOf(part, column); });
}

}  // namespace

std::size_t TableSchema::IndexOf(std::string_view column) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& one) { return one.name == column; });
  CHECK(found != columns.end());
  return static_cast<std::size_t>(found - columns.begin());
}

void TableSchema::AddColumn(Column column) {
  sources.front().columns.push_back(column.name);
  columns.push_back(std::move(column));
}

void TableSchema::DropColumn(std::string_view column) {
  const auto place = static_cast<std::ptrdiff_t>(IndexOf(column));
  std::erase_if(checks, [&](const Expression& check) { return SpeaksOf(check, column); });
  columns.erase(columns.begin() + place);
  sources.front().columns.erase(sources.front().columns.begin() + place);
  for (Unique& unique : uniques) {
    for (std::size_t i = 0; i < unique.columns.size(); ++i) {
      unique.places[i] = IndexOf(unique.columns[i]);
    }
  }
}

void TableSchema::AddUnique(std::vector<std::string> of_columns, std::optional<Expression> where) {
  Unique unique{.columns = std::move(of_columns), .where = std::move(where)};
  for (const std::string& column : unique.columns) unique.places.push_back(IndexOf(column));
  uniques.push_back(std::move(unique));
}

void Schema::Run(std::string_view script) {
  Parser parser(script);
  while (!parser.AtEnd()) {
    if (parser.TryWords({"create", "table"})) {
      CreateTable(parser);
    } else if (parser.TryWords({"alter", "table"})) {
      AlterTable(parser);
    } else if (parser.TryWords({"create", "unique", "index"})) {
      CreateUniqueIndex(parser);
    }
    parser.SkipStatement();
  }
}

void Schema::CreateTable(Parser& parser) {
  TableSchema table{.name = parser.Name()};
  table.sources.push_back({.table = table.name, .alias = table.name});
  parser.ExpectSymbol("(");
  do {
    ReadItem(parser, table);
  } while (parser.TrySymbol(","));
  parser.ExpectSymbol(")");
  std::string name = table.name;
  tables_.emplace(std::move(name), std::move(table));
}

void Schema::AlterTable(Parser& parser) {
  TableSchema& table = tables_.at(parser.Name());
  do {
    if (parser.TryWords({"drop", "column"})) {
      table.DropColumn(parser.Name());
    } else if (parser.TryWord("add")) {
      parser.TryWord("column");
      ReadItem(parser, table);
    } else {
      return;
    }
  } while (parser.TrySymbol(","));
}

void Schema::CreateUniqueIndex(Parser& parser) {
  parser.Name();
  parser.ExpectWord("on");
  TableSchema& table = tables_.at(parser.Name());
  std::vector<std::string> columns = parser.NamesInParentheses();
  std::optional<Expression> where;
  if (parser.TryWord("where")) where = parser.ParseExpression();
  table.AddUnique(std::move(columns), std::move(where));
}

void Schema::ReadItem(Parser& parser, TableSchema& table) {
  if (parser.TryWord("constraint")) parser.Name();
  if (parser.TryWord("check")) {
    table.checks.push_back(InParentheses(parser));
  } else if (parser.TryWord("unique") || parser.TryWords({"primary", "key"})) {
    table.AddUnique(parser.NamesInParentheses(), std::nullopt);
  } else {
    ReadColumn(parser, table);
  }
}

void Schema::ReadColumn(Parser& parser, TableSchema& table) {
  Column column{.name = parser.Name()};
  bool is_array = false;
  bool is_unique = false;
  column.type = parser.ParseType(is_array);
  CHECK(!is_array);
  while (true) {
    if (parser.TryWord("collate")) {
      parser.SkipToken();
    } else if (parser.TryWords({"not", "null"})) {
      column.not_null = true;
    } else if (parser.TryWords({"primary", "key"}) || parser.TryWord("unique")) {
      is_unique = true;
    } else if (parser.TryWord("default")) {
      column.default_value = parser.ParseExpression();
    } else if (parser.TryWord("check")) {
      table.checks.push_back(InParentheses(parser));
    } else {
      break;
    }
  }
  const std::string name = column.name;
  table.AddColumn(std::move(column));
  if (is_unique) table.AddUnique({name}, std::nullopt);
}

}  // namespace simulation::sql
