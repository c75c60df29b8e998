#ifndef TESTS_SIMULATION_STORE_EXECUTOR_H_
#define TESTS_SIMULATION_STORE_EXECUTOR_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
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
        scalars_(parameters.size()),
        snapshot_(store.snapshot()) {}

  // Throws SqlError.
  Answer Run(const sql::Statement& statement);

  const sql::Value& ParameterAt(std::size_t number) override;
  sql::Timestamp Now() override { return transaction_.start(); }
  std::vector<sql::Row> RunSubselect(const sql::Select& select, const sql::Scope& outer) override;
  bool TryAdvisoryLock(const sql::Value& key) override;
  const std::vector<sql::Value>& ArrayOf(const sql::Expression& expression,
                                         const sql::Scope& scope) override;

 private:
  // Without its parts; what it reads of those that it names runs before it.
  Answer RunBody(const sql::Statement& statement);
  // Runs the part unless it has run.
  const Answer& RunPart(const sql::Statement& part);
  // Null: not the name of a part.
  const sql::Statement* PartNamed(const std::string& name) const;
  // What a source gives: a row, and what of it can be locked. A row of a table stays
  // where it is at least until its transaction is over.
  struct Found {
    const sql::Row* row;
    Chain* chain;
  };
  // One of each source.
  struct Tuple {
    absl::InlinedVector<const sql::Row*, 2> rows{};
    absl::InlinedVector<Chain*, 2> chains{};
    std::vector<sql::Value> keys{};
  };

  std::vector<Tuple> Find(const sql::Select& select, const sql::Scope* outer);
  // Adds to `fitting` what fits of `tuple` with each of each further source.
  void Join(const sql::Select& select, const sql::Scope* outer,
            const std::vector<std::vector<Found>>& scanned, Tuple& tuple,
            std::vector<Tuple>& fitting);
  // A lateral source speaks of `before`.
  std::vector<Found> Scan(const sql::Source& source, const sql::Scope* before);
  std::vector<Found> ScanTable(const sql::Source& source);
  std::vector<Found> ScanPart(const sql::Source& source, const sql::Statement& part);
  std::vector<sql::Row> Unnest(const sql::Source& source);
  std::vector<sql::Value> Elements(const sql::Expression& expression, const sql::Scope& scope);
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
  sql::Row NewRow(const Table& table, const sql::Statement& statement, sql::Row values);
  void CheckRow(const Table& table, const sql::Row& row);
  // The row can be inserted. False: it conflicts, and the statement does nothing then.
  bool IsFree(const Table& table, const sql::Statement& statement, const RowPtr& row);
  // Waits until no other transaction is about to decide.
  bool Conflicts(const Table& table, const sql::Unique& unique, const sql::Row& row);
  // No part of its key is NULL, and the index does not leave it out.
  bool HasKey(const Table& table, const sql::Unique& unique, const sql::Row& row);
  // Also of `other`, which has a key.
  bool HasKeyOf(const Table& table, const sql::Unique& unique, const RowPtr& row,
                const sql::Row& other);
  sql::Row Returned(const sql::Statement& statement, const Table& table, const sql::Row& row);

  Scheduler& scheduler_;
  Store& store_;
  Transaction& transaction_;
  const std::span<const pg::Parameter> parameters_;
  // Those that were asked for.
  std::vector<sql::Value> scalars_;
  const std::uint64_t snapshot_;
  // Of the statement that runs.
  const std::vector<sql::Statement>* parts_ = nullptr;
  std::map<const sql::Statement*, Answer> answers_;
  std::map<const sql::Expression*, std::vector<sql::Value>> arrays_;
  // Rows that are in no table, by scan.
  std::vector<std::vector<sql::Row>> made_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_STORE_EXECUTOR_H_
