#include "payments/app/top_up_accounts.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "payments/app/account_not_found.h"
#include "payments/store/accounts_store.h"
#include "payments/store/books_store.h"
#include "platform/types/error.h"

namespace payments {
namespace {

absl::Status BalanceLimitExceeded() {
  return types::Error(absl::StatusCode::kFailedPrecondition, "BALANCE_LIMIT_EXCEEDED",
                      "the balance would pass 9007199254740991");
}

// The keys of the commands that this transaction may work on.
absl::flat_hash_set<KeyOfUser> ClaimKeysOf(pg::Tx& tx, std::span<const TopUpCommand> commands) {
  std::vector<KeyOfUser> keys;
  for (const TopUpCommand& command : commands) {
    if (command.idempotency_key) keys.emplace_back(command.user_id, *command.idempotency_key);
  }
  return keys.empty() ? absl::flat_hash_set<KeyOfUser>() : ClaimKeys(tx, keys);
}

bool MayRun(const TopUpCommand& command, const absl::flat_hash_set<KeyOfUser>& claimed) {
  return !command.idempotency_key || claimed.contains({command.user_id, *command.idempotency_key});
}

// What the batch knows and what it is going to write.
class TopUpBatch {
 public:
  TopUpBatch(absl::flat_hash_map<UserId, Holding> holdings,
             absl::flat_hash_map<EntryId, LedgerEntry> of_earlier_runs,
             absl::flat_hash_map<KeyOfUser, LedgerEntry> of_keys)
      : holdings_(std::move(holdings)),
        of_earlier_runs_(std::move(of_earlier_runs)),
        of_keys_(std::move(of_keys)) {}

  absl::StatusOr<ToppedUp> TopUp(const TopUpCommand& command) {
    if (const auto own = of_earlier_runs_.find(command.entry_id); own != of_earlier_runs_.end()) {
      return ToppedUp{.balance = own->second.balance_after};
    }
    if (!command.idempotency_key) return Add(command);
    const KeyOfUser key(command.user_id, *command.idempotency_key);
    if (const auto there = of_keys_.find(key); there != of_keys_.end()) {
      if (there->second.amount != command.amount) return types::IdempotencyKeyReused();
      return ToppedUp{.balance = there->second.balance_after, .replayed = true};
    }
    absl::StatusOr<ToppedUp> added = Add(command);
    // Of twins in one batch the second one finds the first.
    if (added.ok()) of_keys_.emplace(key, entries_.back());
    return added;
  }

  void Write(pg::Tx& tx) const { WriteBooks(tx, entries_, {}); }

 private:
  absl::StatusOr<ToppedUp> Add(const TopUpCommand& command) {
    const auto holding = holdings_.find(command.user_id);
    if (holding == holdings_.end()) return AccountNotFound();
    if (!holding->second.balance.FitsAfterAdding(command.amount)) return BalanceLimitExceeded();
    entries_.push_back({.id = command.entry_id,
                        .user_id = command.user_id,
                        .number = holding->second.last_entry + 1,
                        .kind = EntryKind::kTopUp,
                        .amount = command.amount,
                        .balance_after = holding->second.balance + command.amount,
                        .order_id = std::nullopt,
                        .create_time = command.create_time,
                        .idempotency_key = command.idempotency_key});
    holding->second = HoldingAfter(entries_.back());
    return ToppedUp{.balance = entries_.back().balance_after};
  }

  absl::flat_hash_map<UserId, Holding> holdings_;
  const absl::flat_hash_map<EntryId, LedgerEntry> of_earlier_runs_;
  absl::flat_hash_map<KeyOfUser, LedgerEntry> of_keys_;
  std::vector<LedgerEntry> entries_;
};

}  // namespace

std::vector<absl::StatusOr<ToppedUp>> TopUpAccounts(pg::Tx& tx,
                                                    std::span<const TopUpCommand> commands) {
  const absl::flat_hash_set<KeyOfUser> claimed = ClaimKeysOf(tx, commands);
  std::vector<UserId> user_ids;
  std::vector<EntryId> entry_ids;
  for (const TopUpCommand& command : commands) {
    if (!MayRun(command, claimed)) continue;
    user_ids.push_back(command.user_id);
    entry_ids.push_back(command.entry_id);
  }
  absl::flat_hash_map<UserId, Holding> holdings = LockAccounts(tx, user_ids);
  // After the lock: what it waited for must be seen, an earlier run or a twin.
  absl::flat_hash_map<EntryId, LedgerEntry> of_earlier_runs = SelectEntries(tx, entry_ids);
  absl::flat_hash_map<KeyOfUser, LedgerEntry> of_keys;
  if (!claimed.empty()) of_keys = SelectTopUps(tx, claimed);

  TopUpBatch batch(std::move(holdings), std::move(of_earlier_runs), std::move(of_keys));
  std::vector<absl::StatusOr<ToppedUp>> answers;
  answers.reserve(commands.size());
  for (const TopUpCommand& command : commands) {
    answers.push_back(MayRun(command, claimed) ? batch.TopUp(command)
                                               : types::IdempotencyKeyInUse());
  }
  batch.Write(tx);
  return answers;
}

}  // namespace payments
