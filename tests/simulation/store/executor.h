#ifndef TESTS_SIMULATION_STORE_EXECUTOR_H_
#define TESTS_SIMULATION_STORE_EXECUTOR_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "platform/pg/tx.h"
#include "tests/simulation/sql/ast.h"
#include "tests/simulation/sql/evaluate.h"
#include "tests/simulation/store/store.h"

namespace simulation {

// What a statement answers.
struct Answer {
  std::vector<sql::Row> rows{};
  std::size_t affected = 0;
};

// One run of one statement, with the snapshot that it began with. Rows that it had
// to wait for are read again, as Postgres does. An order that the statement does not
// ask for is thrown by dice.
class Executor final : public sql::Environment {
 public:
  Executor(Scheduler& scheduler, Store& store, Transaction& transaction,
           std::span<const pg::Parameter> parameters)
      : scheduler_(scheduler),
        store_(store),
        transaction_(transaction),
        parameters_(parameters),
        snapshot_(store.snapshot()) {}

  // Throws SqlError.
  Answer Run(const sql::Statement& statement);

  const pg::Parameter& ParameterAt(std::size_t number) override { return parameters_[number]; }
  sql::Timestamp Now() override { return transaction_.start(); }
  std::vector<sql::Row> RunSubselect(const sql::Select& select, const sql::Scope& outer) override;
  bool TryAdvisoryLock(const sql::Value& key) override;
  const std::vector<sql::Value>& ArrayOf(const sql::Expression& expression,
                                         const sql::Scope& scope) override;

 private:
  // A row of each source, and what of them can be locked.
  struct Tuple {
    std::vector<sql::RowPtr> rows{};
    std::vector<Chain*> chains{};
    std::vector<sql::Value> keys{};
  };

  std::vector<Tuple> Find(const sql::Select& select, const sql::Scope* outer);
  // Each of the left with each of the right.
  static std::vector<Tuple> Join(const std::vector<Tuple>& left, const std::vector<Tuple>& right);
  std::vector<Tuple> Scan(const sql::Source& source);
  bool Fits(const sql::Select& select, const Tuple& tuple, const sql::Scope* outer);
  void Sort(const sql::Select& select, const sql::Scope* outer, std::vector<Tuple>& tuples);
  std::vector<sql::Row> RunSelect(const sql::Select& select, const sql::Scope* outer);
  bool LockTuple(const sql::Select& select, Tuple& tuple, const sql::Scope* outer);
  // Locks the tuple's row of this source and reads it again. False: it is gone,
  // skipped, or fits no more.
  bool LockRow(const sql::Select& select, Tuple& tuple, std::size_t source, sql::LockMode mode,
               bool skip_locked, const sql::Scope* outer);

  Answer Insert(const sql::Statement& statement);
  Answer Update(const sql::Statement& statement);
  Answer Delete(const sql::Statement& statement);
  sql::Row NewRow(const Table& table, const sql::Statement& statement, const sql::Row& values);
  void CheckRow(const Table& table, const sql::RowPtr& row);
  // The row can be inserted. False: it conflicts, and the statement does nothing then.
  bool IsFree(const Table& table, const sql::Statement& statement, const sql::RowPtr& row);
  // Waits until no other transaction is about to decide.
  bool Conflicts(const Table& table, const sql::Unique& unique, const sql::RowPtr& row);
  std::optional<std::vector<sql::Value>> KeyOf(const Table& table, const sql::Unique& unique,
                                               const sql::RowPtr& row);
  sql::Row Returned(const sql::Statement& statement, const Table& table, const sql::RowPtr& row);

  Scheduler& scheduler_;
  Store& store_;
  Transaction& transaction_;
  const std::span<const pg::Parameter> parameters_;
  const std::uint64_t snapshot_;
  std::map<const sql::Expression*, std::vector<sql::Value>> arrays_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_STORE_EXECUTOR_H_
