#include "tests/simulation/store/executor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "platform/check/check.h"

namespace simulation {

using sql::LockMode;
using sql::Row;
using sql::RowPtr;
using sql::Scope;
using sql::Select;
using sql::Source;
using sql::Value;

Answer Executor::Run(const sql::Statement& statement) {
  switch (statement.kind) {
    case sql::Statement::Kind::kSelect: {
      Answer answer{.rows = RunSelect(statement.select, nullptr)};
      answer.affected = answer.rows.size();
      return answer;
    }
    case sql::Statement::Kind::kInsert:
      return Insert(statement);
    case sql::Statement::Kind::kUpdate:
      return Update(statement);
    case sql::Statement::Kind::kDelete:
      return Delete(statement);
  }
  CHECK(false);
}

std::vector<Row> Executor::RunSubselect(const Select& select, const Scope& outer) {
  return RunSelect(select, &outer);
}

bool Executor::TryAdvisoryLock(const Value& key) {
  return store_.TryAdvisoryLock(transaction_, *sql::ToText(key));
}

const std::vector<Value>& Executor::ArrayOf(const sql::Expression& expression, const Scope& scope) {
  const auto found = arrays_.find(&expression);
  if (found != arrays_.end()) return found->second;
  std::vector<Value>& values = arrays_[&expression];
  if (expression.kind == sql::Expression::Kind::kArrayCast) {
    values = sql::ReadArray(*parameters_[expression.args[0].number], expression.type);
  } else {
    CHECK(expression.kind == sql::Expression::Kind::kArrayOf);
    // Not correlated: the same for every row.
    for (Row& row : RunSubselect(*expression.select, scope)) {
      values.push_back(std::move(row.front()));
    }
  }
  return values;
}

std::vector<Executor::Tuple> Executor::Scan(const Source& source) {
  std::vector<Tuple> found;
  const auto add = [&](RowPtr row, Chain* chain) {
    found.push_back({.rows = {std::move(row)}, .chains = {chain}, .keys = {}});
  };
  if (source.kind == Source::Kind::kTable) {
    Table& table = store_.TableNamed(source.table);
    if (source.columns.empty()) source.columns = table.sources.front().columns;
    for (Chain& chain : table.chains) {
      if (RowPtr row = Store::Visible(chain, transaction_, snapshot_)) add(std::move(row), &chain);
    }
    scheduler_.dice().Shuffle(found);
  } else if (source.kind == Source::Kind::kUnnest) {
    for (const sql::Expression& array : source.arrays) {
      const std::vector<Value>& values = ArrayOf(array, Scope());
      if (found.empty()) found.resize(values.size());
      CHECK(found.size() == values.size());
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      Row row;
      for (const sql::Expression& array : source.arrays) row.push_back(ArrayOf(array, Scope())[i]);
      found[i] = {.rows = {std::make_shared<const Row>(std::move(row))}, .chains = {nullptr}};
    }
  } else {
    for (Row& row : RunSelect(*source.select, nullptr)) {
      add(std::make_shared<const Row>(std::move(row)), nullptr);
    }
  }
  return found;
}

// All tuples that fit, in their order, not locked.
std::vector<Executor::Tuple> Executor::Find(const Select& select, const Scope* outer) {
  std::vector<Tuple> found =
      select.sources.empty() ? std::vector<Tuple>(1) : Scan(select.sources.front());
  for (std::size_t i = 1; i < select.sources.size(); ++i) {
    found = Join(found, Scan(select.sources[i]));
  }
  std::erase_if(found, [&](const Tuple& tuple) { return !Fits(select, tuple, outer); });
  Sort(select, outer, found);
  return found;
}

std::vector<Executor::Tuple> Executor::Join(const std::vector<Tuple>& left,
                                            const std::vector<Tuple>& right) {
  std::vector<Tuple> joined;
  joined.reserve(left.size() * right.size());
  for (const Tuple& one : left) {
    for (const Tuple& other : right) {
      Tuple& tuple = joined.emplace_back(one);
      tuple.rows.push_back(other.rows.front());
      tuple.chains.push_back(other.chains.front());
    }
  }
  return joined;
}

bool Executor::Fits(const Select& select, const Tuple& tuple, const Scope* outer) {
  if (!select.where) return true;
  return sql::IsTrue(*select.where, {&select.sources, &tuple.rows, outer}, *this);
}

void Executor::Sort(const Select& select, const Scope* outer, std::vector<Tuple>& tuples) {
  if (select.order_by.empty()) return;
  for (Tuple& tuple : tuples) {
    for (const sql::OrderBy& order : select.order_by) {
      tuple.keys.push_back(sql::Evaluate(order.key, {&select.sources, &tuple.rows, outer}, *this));
    }
  }
  std::stable_sort(tuples.begin(), tuples.end(), [&](const Tuple& a, const Tuple& b) {
    for (std::size_t i = 0; i < select.order_by.size(); ++i) {
      const bool descending = select.order_by[i].descending;
      const Value& left = descending ? b.keys[i] : a.keys[i];
      const Value& right = descending ? a.keys[i] : b.keys[i];
      // NULLs come last.
      if (sql::IsNull(left) || sql::IsNull(right)) {
        if (sql::IsNull(left) == sql::IsNull(right)) continue;
        return sql::IsNull(right);
      }
      const std::strong_ordering order = sql::Compare(left, right);
      if (order != std::strong_ordering::equal) return order == std::strong_ordering::less;
    }
    return false;
  });
}

std::vector<Row> Executor::RunSelect(const Select& select, const Scope* outer) {
  std::size_t limit = SIZE_MAX;
  if (select.limit) {
    const Scope none{.outer = outer};
    limit = static_cast<std::size_t>(std::get<std::int64_t>(
        *sql::Cast(sql::Evaluate(*select.limit, none, *this), sql::Type::kBigint)));
  }
  std::vector<Row> rows;
  for (Tuple& tuple : Find(select, outer)) {
    if (rows.size() == limit) break;
    if (!LockTuple(select, tuple, outer)) continue;
    Row row;
    for (const sql::Expression& item : select.items) {
      row.push_back(sql::Evaluate(item, {&select.sources, &tuple.rows, outer}, *this));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

bool Executor::LockTuple(const Select& select, Tuple& tuple, const Scope* outer) {
  if (select.lock == LockMode::kNone) return true;
  for (std::size_t i = 0; i < select.sources.size(); ++i) {
    if (tuple.chains[i] == nullptr) continue;
    if (!select.lock_of.empty() && select.lock_of != select.sources[i].alias) continue;
    if (!LockRow(select, tuple, i, select.lock, select.skip_locked, outer)) return false;
  }
  return true;
}

bool Executor::LockRow(const Select& select, Tuple& tuple, std::size_t source, LockMode mode,
                       bool skip_locked, const Scope* outer) {
  Chain& chain = *tuple.chains[source];
  if (!store_.Lock(transaction_, chain, mode, skip_locked)) return false;
  RowPtr newest = Store::Visible(chain, transaction_, store_.snapshot());
  if (newest == nullptr) return false;
  if (newest == tuple.rows[source]) return true;
  tuple.rows[source] = std::move(newest);
  return Fits(select, tuple, outer);
}

Answer Executor::Update(const sql::Statement& statement) {
  Table& table = store_.TableNamed(statement.table);
  Answer answer;
  std::set<const Chain*> updated;
  for (Tuple& tuple : Find(statement.select, nullptr)) {
    // Joined to several rows, it is updated by one.
    if (updated.contains(tuple.chains.front())) continue;
    if (!LockRow(statement.select, tuple, 0, LockMode::kNoKeyUpdate, false, nullptr)) continue;
    Row row = *tuple.rows.front();
    const Scope scope{&statement.select.sources, &tuple.rows, nullptr};
    for (const sql::Assignment& assignment : statement.assignments) {
      row[table.schema->IndexOf(assignment.column)] = sql::Evaluate(assignment.value, scope, *this);
    }
    auto next = std::make_shared<const Row>(std::move(row));
    CheckRow(table, next);
    updated.insert(tuple.chains.front());
    answer.rows.push_back(Returned(statement, table, next));
    store_.Write(transaction_, *tuple.chains.front(), std::move(next));
  }
  answer.affected = answer.rows.size();
  return answer;
}

Answer Executor::Delete(const sql::Statement& statement) {
  Table& table = store_.TableNamed(statement.table);
  Answer answer;
  for (Tuple& tuple : Find(statement.select, nullptr)) {
    if (!LockRow(statement.select, tuple, 0, LockMode::kUpdate, false, nullptr)) continue;
    answer.rows.push_back(Returned(statement, table, tuple.rows.front()));
    store_.Write(transaction_, *tuple.chains.front(), nullptr);
  }
  answer.affected = answer.rows.size();
  return answer;
}

Row Executor::Returned(const sql::Statement& statement, const Table& table, const RowPtr& row) {
  const std::vector<RowPtr> rows{row};
  Row returned;
  for (const sql::Expression& item : statement.returning) {
    returned.push_back(sql::Evaluate(item, {&table.sources, &rows, nullptr}, *this));
  }
  return returned;
}

}  // namespace simulation
