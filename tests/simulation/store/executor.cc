#include "tests/simulation/store/executor.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "platform/check/check.h"

namespace simulation {

using sql::LockMode;
using sql::Row;
using sql::Scope;
using sql::Select;
using sql::Source;
using sql::Value;

Answer Executor::Run(const sql::Statement& statement) {
  parts_ = &statement.parts;
  std::vector<const sql::Statement*> bodies{&statement};
  for (const sql::Statement& part : statement.parts) bodies.push_back(&part);
  scheduler_.dice().Shuffle(bodies);
  for (const sql::Statement* body : bodies) RunPart(*body);
  return std::move(answers_.at(&statement));
}

const Answer& Executor::RunPart(const sql::Statement& part) {
  const auto found = answers_.find(&part);
  if (found != answers_.end()) return found->second;
  return answers_.emplace(&part, RunBody(part)).first->second;
}

const sql::Statement* Executor::PartNamed(const std::string& name) const {
  const auto found = std::find_if(parts_->begin(), parts_->end(),
                                  [&](const sql::Statement& part) { return part.name == name; });
  return found == parts_->end() ? nullptr : &*found;
}

Answer Executor::RunBody(const sql::Statement& statement) {
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

const Value& Executor::ParameterAt(std::size_t number) {
  Value& value = scalars_[number];
  if (sql::IsNull(value) && parameters_[number]) value = *parameters_[number];
  return value;
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
  return arrays_.emplace(&expression, Elements(expression, scope)).first->second;
}

std::vector<Value> Executor::Elements(const sql::Expression& expression, const Scope& scope) {
  if (expression.kind == sql::Expression::Kind::kArrayCast) {
    return sql::ReadArray(*parameters_[expression.args[0].number], expression.type);
  }
  CHECK(expression.kind == sql::Expression::Kind::kArrayOf);
  std::vector<Value> values;
  // Not correlated: the same for every row.
  for (Row& row : RunSubselect(*expression.select, scope)) values.push_back(std::move(row.front()));
  return values;
}

std::vector<Executor::Found> Executor::Scan(const Source& source, const Scope* before) {
  if (source.kind == Source::Kind::kTable) return ScanTable(source);
  const bool is_unnest = source.kind == Source::Kind::kUnnest;
  made_.push_back(is_unnest ? Unnest(source) : RunSelect(*source.select, before));
  std::vector<Found> found;
  for (const Row& row : made_.back()) found.push_back({.row = &row, .chain = nullptr});
  return found;
}

std::vector<Executor::Found> Executor::ScanTable(const Source& source) {
  if (const sql::Statement* part = PartNamed(source.table)) return ScanPart(source, *part);
  Table& table = store_.TableNamed(source.table);
  if (source.columns.empty()) source.columns = table.schema->sources.front().columns;
  std::vector<Found> found;
  found.reserve(table.chains.size());
  for (Chain& chain : table.chains) {
    const Row* row = Store::Visible(chain, transaction_, snapshot_);
    if (row != nullptr) found.push_back({.row = row, .chain = &chain});
  }
  scheduler_.dice().Shuffle(found);
  return found;
}

std::vector<Executor::Found> Executor::ScanPart(const Source& source, const sql::Statement& part) {
  if (source.columns.empty()) {
    for (const sql::Expression& item : part.returning) source.columns.push_back(item.name);
  }
  std::vector<Found> found;
  for (const Row& row : RunPart(part).rows) found.push_back({.row = &row, .chain = nullptr});
  scheduler_.dice().Shuffle(found);
  return found;
}

std::vector<Row> Executor::Unnest(const Source& source) {
  std::vector<Row> rows;
  for (const sql::Expression& array : source.arrays) {
    std::vector<Value> values = Elements(array, Scope());
    if (rows.empty()) rows.resize(values.size());
    CHECK(rows.size() == values.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].reserve(source.arrays.size());
      rows[i].push_back(std::move(values[i]));
    }
  }
  return rows;
}

// All tuples that fit, in their order, not locked.
std::vector<Executor::Tuple> Executor::Find(const Select& select, const Scope* outer) {
  std::vector<std::vector<Found>> scanned;
  scanned.reserve(select.sources.size());
  for (const Source& source : select.sources) {
    scanned.push_back(source.lateral ? std::vector<Found>() : Scan(source, nullptr));
  }
  Tuple tuple;
  std::vector<Tuple> fitting;
  Join(select, outer, scanned, tuple, fitting);
  Sort(select, outer, fitting);
  return fitting;
}

void Executor::Join(const Select& select, const Scope* outer,
                    const std::vector<std::vector<Found>>& scanned, Tuple& tuple,
                    std::vector<Tuple>& fitting) {
  if (tuple.rows.size() == scanned.size()) {
    if (Fits(select, tuple, outer)) fitting.push_back(tuple);
    return;
  }
  const Source& source = select.sources[tuple.rows.size()];
  std::vector<Found> lateral;
  if (source.lateral) {
    const Scope before{&select.sources, tuple.rows, outer};
    lateral = Scan(source, &before);
  }
  for (const Found& found : source.lateral ? lateral : scanned[tuple.rows.size()]) {
    tuple.rows.push_back(found.row);
    tuple.chains.push_back(found.chain);
    Join(select, outer, scanned, tuple, fitting);
    tuple.rows.pop_back();
    tuple.chains.pop_back();
  }
}

bool Executor::Fits(const Select& select, const Tuple& tuple, const Scope* outer) {
  if (!select.where) return true;
  return sql::IsTrue(*select.where, {&select.sources, tuple.rows, outer}, *this);
}

void Executor::Sort(const Select& select, const Scope* outer, std::vector<Tuple>& tuples) {
  if (select.order_by.empty() || tuples.size() < 2) return;
  for (Tuple& tuple : tuples) {
    for (const sql::OrderBy& order : select.order_by) {
      tuple.keys.push_back(sql::Evaluate(order.key, {&select.sources, tuple.rows, outer}, *this));
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
    row.reserve(select.items.size());
    for (const sql::Expression& item : select.items) {
      row.push_back(sql::Evaluate(item, {&select.sources, tuple.rows, outer}, *this));
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
  const Row* newest = Store::Visible(chain, transaction_, store_.snapshot());
  if (newest == nullptr) return false;
  if (newest == tuple.rows[source]) return true;
  tuple.rows[source] = newest;
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
    const Scope scope{&statement.select.sources, tuple.rows, nullptr};
    for (const sql::Assignment& assignment : statement.assignments) {
      if (!assignment.place) assignment.place = table.schema->IndexOf(assignment.column);
      row[*assignment.place] = sql::Evaluate(assignment.value, scope, *this);
    }
    auto next = std::make_shared<const Row>(std::move(row));
    CheckRow(table, *next);
    updated.insert(tuple.chains.front());
    answer.rows.push_back(Returned(statement, table, *next));
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
    answer.rows.push_back(Returned(statement, table, *tuple.rows.front()));
    store_.Write(transaction_, *tuple.chains.front(), nullptr);
  }
  answer.affected = answer.rows.size();
  return answer;
}

Row Executor::Returned(const sql::Statement& statement, const Table& table, const Row& row) {
  const std::array<const Row*, 1> rows{&row};
  Row returned;
  for (const sql::Expression& item : statement.returning) {
    returned.push_back(sql::Evaluate(item, {&table.schema->sources, rows, nullptr}, *this));
  }
  return returned;
}

}  // namespace simulation
