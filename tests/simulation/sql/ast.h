#ifndef TESTS_SIMULATION_SQL_AST_H_
#define TESTS_SIMULATION_SQL_AST_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/sql/value.h"

// Our statements, as parsed.
namespace simulation::sql {

struct Select;

struct Expression {
  enum class Kind {
    kLiteral,
    kParameter,  // number: from 0
    kColumn,     // qualifier.name
    kAnd,
    kOr,
    kEqual,
    kNotEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kMatches,  // ~
    kPlus,
    kMinus,
    kTimes,
    kConcatenated,  // ||
    kNot,           // args[0]
    kIsNull,        // args[0]
    kAny,           // args[0] = ANY (args[1]): an array
    kIn,            // args[0] IN (args[1], ..)
    kBetween,       // args[0] BETWEEN args[1] AND args[2]
    kCase,          // args: condition, value, .., else
    kCast,          // args[0]::type
    kArrayCast,     // args[0]::type[]: a parameter
    kFunction,      // name(args)
    kSubquery,      // (select)
    kExists,        // EXISTS (select)
    kArrayOf,       // ARRAY (select)
  };

  // Where a column is found: how many selects further out, in which source.
  struct Place {
    std::size_t depth;
    std::size_t source;
    std::size_t column;
  };

  Kind kind = Kind::kLiteral;
  std::string name{};
  std::string qualifier{};
  Value literal{};
  std::size_t number = 0;
  Type type = Type::kText;
  std::vector<Expression> args{};
  std::shared_ptr<Select> select{};
  // Found at the first evaluation; every later one has the same sources.
  mutable std::optional<Place> place{};
};

// One of a FROM list.
struct Source {
  enum class Kind { kTable, kUnnest, kSelect };

  Kind kind = Kind::kTable;
  // The table's, if it is one.
  std::string table{};
  std::string alias{};
  // Of a table: filled in at the first run.
  mutable std::vector<std::string> columns{};
  std::vector<Expression> arrays{};
  std::shared_ptr<Select> select{};
  // Its select is run for each row of the sources before it, which it may speak of.
  bool lateral = false;
};

struct OrderBy {
  Expression key{};
  bool descending = false;
};

enum class LockMode { kNone, kKeyShare, kNoKeyUpdate, kUpdate };

struct Select {
  std::vector<Expression> items{};
  // Named AS; else a column's own.
  std::vector<std::string> names{};
  std::vector<Source> sources{};
  std::optional<Expression> where{};
  std::vector<OrderBy> order_by{};
  std::optional<Expression> limit{};
  LockMode lock = LockMode::kNone;
  bool skip_locked = false;
  // The source that is locked, where not all are.
  std::string lock_of{};
};

struct Assignment {
  std::string column{};
  Expression value;
  // Of the column; found at the first run.
  mutable std::optional<std::size_t> place{};
};

struct Statement {
  enum class Kind { kSelect, kInsert, kUpdate, kDelete };

  Kind kind = Kind::kSelect;
  // As WITH names it, if it is a part of another.
  std::string name{};
  // What WITH names. Others read what a part returns under its name.
  std::vector<Statement> parts{};
  std::string table{};
  // kSelect, and the rows of kInsert. For kUpdate and kDelete: the table with what
  // it is joined to, and the WHERE.
  Select select{};
  std::vector<std::string> columns{};
  // For each column of the table its place among `columns`, if it is there; found at
  // the first run.
  mutable std::vector<std::optional<std::size_t>> given{};
  bool on_conflict_do_nothing = false;
  // Empty: any.
  std::vector<std::string> conflict_columns{};
  std::vector<Assignment> assignments{};
  std::vector<Expression> returning{};
};

}  // namespace simulation::sql

#endif  // TESTS_SIMULATION_SQL_AST_H_
