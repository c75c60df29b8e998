#ifndef TESTS_SIMULATION_STORE_STORE_H_
#define TESTS_SIMULATION_STORE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/scheduler.h"
#include "tests/simulation/sql/evaluate.h"
#include "tests/simulation/sql/schema.h"

namespace simulation {

class Transaction;

// What the server answers to a statement that it refuses. An empty state is a
// lost link.
struct SqlError {
  std::string state;
};

using RowPtr = std::shared_ptr<const sql::Row>;

// One committed state of a row; no row: deleted. Kept until the story ends.
struct Version {
  std::uint64_t commit = 0;
  RowPtr row;
};

struct RowLock {
  Transaction* owner;
  sql::LockMode mode;
};

// A row through time.
struct Chain {
  std::vector<Version> versions;
  // At work on the next version, which no other transaction sees yet.
  Transaction* writer = nullptr;
  RowPtr pending;
  std::vector<RowLock> locks;
};

struct Table {
  const sql::TableSchema* schema = nullptr;
  std::deque<Chain> chains;
};

// A transaction under way. Taken back if it is not committed.
class Transaction {
 public:
  bool over() const { return over_; }
  sql::Timestamp start() const { return start_; }

 private:
  friend class Store;

  // Of its process.
  std::string_view name_;
  sql::Timestamp start_;
  std::vector<Chain*> touched_;
  std::set<std::string> advisory_locks_;
  Transaction* waits_for_ = nullptr;
  bool over_ = false;
  Signal ended_;
};

// Tables as Postgres keeps them for transactions at READ COMMITTED: versions of
// rows, row locks of three modes, unique keys that wait for another's uncommitted
// insert, deadlocks found as they arise.
class Store {
 public:
  Store(Scheduler& scheduler, const sql::Schema& schema);

  // `name` outlives the transaction.
  std::shared_ptr<Transaction> Begin(std::string_view name);
  void Commit(Transaction& transaction);
  // Also from outside: the transaction's next statement finds it over.
  void Rollback(Transaction& transaction);
  void RollbackAll();

  Table& TableNamed(const std::string& name) { return tables_.at(name); }
  // What a statement that begins now sees, besides its own transaction's work.
  std::uint64_t snapshot() const { return commits_; }
  // The row as of the snapshot; null if there is none.
  static const sql::Row* Visible(const Chain& chain, const Transaction& transaction,
                                 std::uint64_t snapshot);

  // Locks the row, waiting for others at most lock_timeout (throws 55P03), and
  // not at all if it is to be skipped: then false.
  bool Lock(Transaction& transaction, Chain& chain, sql::LockMode mode, bool skip_locked);
  // Returns when the other transaction is over. Throws 40P01 where that one waits
  // for this one, and 55P03 as above.
  void WaitFor(Transaction& transaction, Transaction& other);
  // Writes the next version of a row that is locked; null: deletes it.
  void Write(Transaction& transaction, Chain& chain, RowPtr row);
  void Insert(Transaction& transaction, Table& table, RowPtr row);
  bool TryAdvisoryLock(Transaction& transaction, const std::string& key);

  // Where a statement may be overtaken by others, or find its transaction over
  // (throws).
  void MayDawdle(const Transaction& transaction);

  // Rows of the last commit, for the checks.
  std::vector<const sql::Row*> Committed(const std::string& table) const;
  const std::map<std::string, Table>& tables() const { return tables_; }
  std::uint64_t deadlocks() const { return deadlocks_; }
  // Rows that a unique key refused, with their tables.
  const std::vector<std::pair<std::string, RowPtr>>& unique_violations() const {
    return unique_violations_;
  }
  void NoteUniqueViolation(const std::string& table, RowPtr row) {
    unique_violations_.emplace_back(table, std::move(row));
  }
  // Runs after each commit that changed something.
  void set_on_commit(std::function<void()> on_commit) { on_commit_ = std::move(on_commit); }

 private:
  void End(Transaction& transaction);
  Transaction* Conflicting(const Transaction& transaction, const Chain& chain,
                           sql::LockMode mode) const;

  Scheduler& scheduler_;
  std::map<std::string, Table> tables_;
  std::vector<std::shared_ptr<Transaction>> active_;
  std::map<std::string, Transaction*> advisory_locks_;
  std::uint64_t commits_ = 0;
  std::uint64_t deadlocks_ = 0;
  std::vector<std::pair<std::string, RowPtr>> unique_violations_;
  std::function<void()> on_commit_ = [] {};
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_STORE_STORE_H_
