#include <algorithm>
#include <memory>
#include <utility>

#include "platform/check/check.h"
#include "tests/simulation/store/executor.h"

namespace simulation {

using sql::Row;
using sql::RowPtr;
using sql::Value;

Answer Executor::Insert(const sql::Statement& statement) {
  Table& table = store_.TableNamed(statement.table);
  Answer answer;
  for (const Row& values : RunSelect(statement.select, nullptr)) {
    store_.MayDawdle(transaction_);
    auto row = std::make_shared<const Row>(NewRow(table, statement, values));
    CheckRow(table, row);
    if (!IsFree(table, statement, row)) continue;
    answer.rows.push_back(Returned(statement, table, row));
    store_.Insert(transaction_, table, std::move(row));
  }
  answer.affected = answer.rows.size();
  return answer;
}

Row Executor::NewRow(const Table& table, const sql::Statement& statement, const Row& values) {
  Row row;
  for (const sql::Column& column : table.schema->columns) {
    const auto given = std::find(statement.columns.begin(), statement.columns.end(), column.name);
    if (given != statement.columns.end()) {
      row.push_back(values[static_cast<std::size_t>(given - statement.columns.begin())]);
    } else if (column.default_value) {
      row.push_back(sql::Evaluate(*column.default_value, {}, *this));
    } else {
      row.emplace_back(sql::Null());
    }
  }
  return row;
}

void Executor::CheckRow(const Table& table, const RowPtr& row) {
  for (std::size_t i = 0; i < row->size(); ++i) {
    if (table.schema->columns[i].not_null && sql::IsNull((*row)[i])) throw SqlError{"23502"};
  }
  const std::vector<RowPtr> rows{row};
  for (const sql::Expression& check : table.schema->checks) {
    const Value value = sql::Evaluate(check, {&table.sources, &rows, nullptr}, *this);
    if (!sql::IsNull(value) && !std::get<bool>(value)) throw SqlError{"23514"};
  }
}

bool Executor::IsFree(const Table& table, const sql::Statement& statement, const RowPtr& row) {
  for (const sql::Unique& unique : table.schema->uniques) {
    if (!Conflicts(table, unique, row)) continue;
    const bool named =
        statement.conflict_columns.empty() || statement.conflict_columns == unique.columns;
    if (statement.on_conflict_do_nothing && named) return false;
    scheduler_.Trace("unique violation in " + table.schema->name);
    store_.NoteUniqueViolation(table.schema->name, row);
    throw SqlError{"23505"};
  }
  return true;
}

bool Executor::Conflicts(const Table& table, const sql::Unique& unique, const RowPtr& row) {
  const std::optional<std::vector<Value>> key = KeyOf(table, unique, row);
  if (!key) return false;
  // A transaction's end may leave a row or none: all is looked at anew.
  for (auto chain = table.chains.begin(); chain != table.chains.end();) {
    const RowPtr committed = chain->versions.empty() ? nullptr : chain->versions.back().row;
    const bool is_mine = chain->writer == nullptr || chain->writer == &transaction_;
    const RowPtr& newest = chain->writer == nullptr ? committed : chain->pending;
    if (is_mine) {
      if (newest != nullptr && KeyOf(table, unique, newest) == key) return true;
      ++chain;
      continue;
    }
    const bool concerned = (newest != nullptr && KeyOf(table, unique, newest) == key) ||
                           (committed != nullptr && KeyOf(table, unique, committed) == key);
    if (!concerned) {
      ++chain;
      continue;
    }
    store_.WaitFor(transaction_, *chain->writer);
    chain = table.chains.begin();
  }
  return false;
}

// None where a part of it is NULL or the index leaves the row out.
std::optional<std::vector<Value>> Executor::KeyOf(const Table& table, const sql::Unique& unique,
                                                  const RowPtr& row) {
  const std::vector<RowPtr> rows{row};
  if (unique.where && !sql::IsTrue(*unique.where, {&table.sources, &rows, nullptr}, *this)) {
    return std::nullopt;
  }
  std::vector<Value> key;
  for (const std::string& column : unique.columns) {
    key.push_back((*row)[table.schema->IndexOf(column)]);
    if (sql::IsNull(key.back())) return std::nullopt;
  }
  return key;
}

}  // namespace simulation
