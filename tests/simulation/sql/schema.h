#ifndef TESTS_SIMULATION_SQL_SCHEMA_H_
#define TESTS_SIMULATION_SQL_SCHEMA_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/sql/ast.h"
#include "tests/simulation/sql/parser.h"

namespace simulation::sql {

struct Column {
  std::string name{};
  Type type = Type::kText;
  bool not_null = false;
  std::optional<Expression> default_value{};
};

// A primary key, UNIQUE, or unique index, maybe over a part of the rows.
struct Unique {
  std::vector<std::string> columns{};
  // Where the columns stand in a row.
  std::vector<std::size_t> places{};
  std::optional<Expression> where{};
};

struct TableSchema {
  std::string name{};
  std::vector<Column> columns{};
  std::vector<Unique> uniques{};
  std::vector<Expression> checks{};

  // What an expression over this table alone sees.
  std::vector<Source> sources{};

  // Aborts if there is no such column.
  std::size_t IndexOf(std::string_view column) const;
  void AddColumn(Column column);
  // With the checks that speak of it. Requires: no unique key does.
  void DropColumn(std::string_view column);
  void AddUnique(std::vector<std::string> of_columns, std::optional<Expression> where);
};

// What a service's migrations make: tables, unique indexes and CHECKs. All else
// that they hold changes nothing for a simulation and is passed over.
class Schema {
 public:
  // Requires: scripts in the order of their versions.
  void Run(std::string_view script);

  const std::map<std::string, TableSchema>& tables() const { return tables_; }

 private:
  void CreateTable(Parser& parser);
  void AlterTable(Parser& parser);
  void CreateUniqueIndex(Parser& parser);
  void ReadItem(Parser& parser, TableSchema& table);
  void ReadColumn(Parser& parser, TableSchema& table);

  std::map<std::string, TableSchema> tables_;
};

}  // namespace simulation::sql

#endif  // TESTS_SIMULATION_SQL_SCHEMA_H_
