#include "tests/simulation/store/store.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/time/time.h"
#include "platform/check/check.h"

namespace simulation {
namespace {

// As the services' connection strings say (conninfo.h).
constexpr absl::Duration kLockTimeout = absl::Milliseconds(250);

bool Conflicts(sql::LockMode a, sql::LockMode b) {
  const auto shares = [](sql::LockMode one, sql::LockMode other) {
    return one == sql::LockMode::kKeyShare && other != sql::LockMode::kUpdate;
  };
  return !shares(a, b) && !shares(b, a);
}

}  // namespace

Store::Store(Scheduler& scheduler, const sql::Schema& schema) : scheduler_(scheduler) {
  for (const auto& [name, table_schema] : schema.tables()) {
    Table& table = tables_[name];
    table.schema = &table_schema;
  }
}

std::shared_ptr<Transaction> Store::Begin(std::string_view name) {
  auto transaction = std::make_shared<Transaction>();
  transaction->name_ = name;
  transaction->start_ = {absl::ToUnixMicros(scheduler_.wall_now())};
  active_.push_back(transaction);
  return transaction;
}

void Store::Commit(Transaction& transaction) {
  CHECK(!transaction.over_);
  ++commits_;
  bool wrote = false;
  for (Chain* chain : transaction.touched_) {
    if (chain->writer != &transaction) continue;
    wrote = true;
    chain->versions.push_back({commits_, std::move(chain->pending)});
    chain->writer = nullptr;
  }
  End(transaction);
  if (wrote) on_commit_();
}

void Store::Rollback(Transaction& transaction) {
  if (transaction.over_) return;
  for (Chain* chain : transaction.touched_) {
    if (chain->writer != &transaction) continue;
    chain->pending = nullptr;
    chain->writer = nullptr;
  }
  End(transaction);
}

void Store::RollbackAll() {
  while (!active_.empty()) Rollback(*active_.back());
}

void Store::End(Transaction& transaction) {
  for (Chain* chain : transaction.touched_) {
    std::erase_if(chain->locks, [&](const RowLock& lock) { return lock.owner == &transaction; });
  }
  for (const std::string& key : transaction.advisory_locks_) advisory_locks_.erase(key);
  transaction.over_ = true;
  transaction.ended_.Notify();
  std::erase_if(active_, [&](const auto& one) { return one.get() == &transaction; });
}

const sql::Row* Store::Visible(const Chain& chain, const Transaction& transaction,
                               std::uint64_t snapshot) {
  if (chain.writer == &transaction) return chain.pending.get();
  for (auto version = chain.versions.rbegin(); version != chain.versions.rend(); ++version) {
    if (version->commit <= snapshot) return version->row.get();
  }
  return nullptr;
}

Transaction* Store::Conflicting(const Transaction& transaction, const Chain& chain,
                                sql::LockMode mode) const {
  for (const RowLock& lock : chain.locks) {
    if (lock.owner != &transaction && Conflicts(lock.mode, mode)) return lock.owner;
  }
  return nullptr;
}

bool Store::Lock(Transaction& transaction, Chain& chain, sql::LockMode mode, bool skip_locked) {
  MayDawdle(transaction);
  while (Transaction* other = Conflicting(transaction, chain, mode)) {
    if (skip_locked) return false;
    WaitFor(transaction, *other);
  }
  chain.locks.push_back({&transaction, mode});
  transaction.touched_.push_back(&chain);
  return true;
}

void Store::WaitFor(Transaction& transaction, Transaction& other) {
  for (const Transaction* one = &other; one != nullptr; one = one->waits_for_) {
    if (one != &transaction) continue;
    ++deadlocks_;
    scheduler_.Trace("deadlock: ", transaction.name_, " and ", other.name_);
    throw SqlError{"40P01"};
  }
  const SteadyTime until = scheduler_.now() + absl::ToChronoNanoseconds(kLockTimeout);
  // Held: its Signal must outlive the wait.
  const auto held = *std::find_if(active_.begin(), active_.end(),
                                  [&](const auto& one) { return one.get() == &other; });
  {
    // Also where a kill ends the wait.
    const absl::Cleanup no_more = [&] { transaction.waits_for_ = nullptr; };
    transaction.waits_for_ = &other;
    while (!held->over_ && !transaction.over_ && scheduler_.now() < until) {
      scheduler_.WaitUntil(until, {&held->ended_, &transaction.ended_});
    }
  }
  if (transaction.over_) throw SqlError{};
  if (!held->over_) throw SqlError{"55P03"};
}

void Store::Write(Transaction& transaction, Chain& chain, RowPtr row) {
  CHECK(!transaction.over_ && (chain.writer == nullptr || chain.writer == &transaction));
  chain.writer = &transaction;
  chain.pending = std::move(row);
}

void Store::Insert(Transaction& transaction, Table& table, RowPtr row) {
  Chain& chain = table.chains.emplace_back();
  chain.locks.push_back({&transaction, sql::LockMode::kUpdate});
  transaction.touched_.push_back(&chain);
  Write(transaction, chain, std::move(row));
}

bool Store::TryAdvisoryLock(Transaction& transaction, const std::string& key) {
  const auto [found, taken] = advisory_locks_.emplace(key, &transaction);
  if (taken) transaction.advisory_locks_.insert(key);
  return found->second == &transaction;
}

void Store::MayDawdle(const Transaction& transaction) {
  if (active_.size() > 1) scheduler_.MayDawdle();
  if (transaction.over_) throw SqlError{};
}

std::vector<const sql::Row*> Store::Committed(const std::string& table) const {
  std::vector<const sql::Row*> rows;
  for (const Chain& chain : tables_.at(table).chains) {
    if (!chain.versions.empty() && chain.versions.back().row != nullptr) {
      rows.push_back(chain.versions.back().row.get());
    }
  }
  return rows;
}

}  // namespace simulation
