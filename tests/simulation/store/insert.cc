#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/check/check.h"
#include "tests/simulation/store/executor.h"

namespace simulation {

using sql::Row;

namespace {

const RowPtr kNoRow;

// For each of the table's columns its place among those that are given.
std::vector<std::optional<std::size_t>> PlacesOf(const std::vector<sql::Column>& columns,
                                                 const std::vector<std::string>& given) {
  std::vector<std::optional<std::size_t>> places;
  for (const sql::Column& column : columns) {
    const auto found = std::find(given.begin(), given.end(), column.name);
    places.push_back(found == given.end() ? std::nullopt : std::optional(found - given.begin()));
  }
  return places;
}

}  // namespace

Answer Executor::Insert(const sql::Statement& statement) {
  Table& table = store_.TableNamed(statement.table);
  Answer answer;
  for (Row& values : RunSelect(statement.select, nullptr)) {
    store_.MayDawdle(transaction_);
    auto row = std::make_shared<const Row>(NewRow(table, statement, std::move(values)));
    CheckRow(table, *row);
    if (!IsFree(table, statement, row)) continue;
    answer.rows.push_back(Returned(statement, table, *row));
    store_.Insert(transaction_, table, std::move(row));
  }
  answer.affected = answer.rows.size();
  return answer;
}

Row Executor::NewRow(const Table& table, const sql::Statement& statement, Row values) {
  const std::vector<sql::Column>& columns = table.schema->columns;
  if (statement.given.empty()) statement.given = PlacesOf(columns, statement.columns);
  Row row;
  row.reserve(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (statement.given[i]) {
      row.push_back(std::move(values[*statement.given[i]]));
    } else if (columns[i].default_value) {
      row.push_back(sql::Evaluate(*columns[i].default_value, {}, *this));
    } else {
      row.emplace_back(sql::Null());
    }
  }
  return row;
}

void Executor::CheckRow(const Table& table, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (table.schema->columns[i].not_null && sql::IsNull(row[i])) throw SqlError{"23502"};
  }
  const std::array<const Row*, 1> rows{&row};
  for (const sql::Expression& check : table.schema->checks) {
    if (sql::IsFalse(check, {&table.schema->sources, rows, nullptr}, *this)) {
      throw SqlError{"23514"};
    }
  }
}

bool Executor::IsFree(const Table& table, const sql::Statement& statement, const RowPtr& row) {
  for (const sql::Unique& unique : table.schema->uniques) {
    if (!Conflicts(table, unique, *row)) continue;
    const bool named =
        statement.conflict_columns.empty() || statement.conflict_columns == unique.columns;
    if (statement.on_conflict_do_nothing && named) return false;
    scheduler_.Trace("unique violation in ", table.schema->name);
    store_.NoteUniqueViolation(table.schema->name, row);
    throw SqlError{"23505"};
  }
  return true;
}

bool Executor::Conflicts(const Table& table, const sql::Unique& unique, const Row& row) {
  if (!HasKey(table, unique, row)) return false;
  // A transaction's end may leave a row or none: all is looked at anew.
  for (auto chain = table.chains.begin(); chain != table.chains.end();) {
    const RowPtr& committed = chain->versions.empty() ? kNoRow : chain->versions.back().row;
    const bool is_mine = chain->writer == nullptr || chain->writer == &transaction_;
    const RowPtr& newest = chain->writer == nullptr ? committed : chain->pending;
    if (is_mine) {
      if (HasKeyOf(table, unique, newest, row)) return true;
      ++chain;
      continue;
    }
    const bool concerned =
        HasKeyOf(table, unique, newest, row) || HasKeyOf(table, unique, committed, row);
    if (!concerned) {
      ++chain;
      continue;
    }
    store_.WaitFor(transaction_, *chain->writer);
    chain = table.chains.begin();
  }
  return false;
}

bool Executor::HasKey(const Table& table, const sql::Unique& unique, const Row& row) {
  const bool has_null = std::any_of(unique.places.begin(), unique.places.end(),
                                    [&](std::size_t place) { return sql::IsNull(row[place]); });
  if (has_null || !unique.where) return !has_null;
  const std::array<const Row*, 1> rows{&row};
  return sql::IsTrue(*unique.where, {&table.schema->sources, rows, nullptr}, *this);
}

bool Executor::HasKeyOf(const Table& table, const sql::Unique& unique, const RowPtr& row,
                        const Row& other) {
  return row != nullptr &&
         std::all_of(unique.places.begin(), unique.places.end(),
                     [&](std::size_t place) { return (*row)[place] == other[place]; }) &&
         HasKey(table, unique, *row);
}

}  // namespace simulation
