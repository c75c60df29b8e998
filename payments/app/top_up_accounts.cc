#include "payments/app/top_up_accounts.h"

#include "absl/container/flat_hash_map.h"
#include "payments/app/account_not_found.h"
#include "payments/store/accounts_store.h"
#include "platform/types/error.h"

namespace payments {

std::vector<absl::StatusOr<Money>> TopUpAccounts(pg::Tx& tx,
                                                 std::span<const TopUpCommand> commands) {
  std::vector<UserId> user_ids;
  std::vector<EntryId> entry_ids;
  for (const TopUpCommand& command : commands) {
    user_ids.push_back(command.user_id);
    entry_ids.push_back(command.entry_id);
  }
  absl::flat_hash_map<UserId, Holding> holdings = LockAccounts(tx, user_ids);
  // After the lock: an earlier run that it waited for must be seen.
  const absl::flat_hash_map<EntryId, LedgerEntry> there = SelectEntries(tx, entry_ids);

  std::vector<absl::StatusOr<Money>> answers;
  std::vector<LedgerEntry> entries;
  for (const TopUpCommand& command : commands) {
    const auto holding = holdings.find(command.user_id);
    if (const auto earlier = there.find(command.entry_id); earlier != there.end()) {
      answers.push_back(earlier->second.balance_after);
    } else if (holding == holdings.end()) {
      answers.push_back(AccountNotFound());
    } else if (!holding->second.balance.FitsAfterAdding(command.amount)) {
      answers.push_back(types::Error(absl::StatusCode::kFailedPrecondition,
                                     "BALANCE_LIMIT_EXCEEDED",
                                     "the balance would pass 9007199254740991"));
    } else {
      entries.push_back({.id = command.entry_id,
                         .user_id = command.user_id,
                         .number = holding->second.last_entry + 1,
                         .kind = EntryKind::kTopUp,
                         .amount = command.amount,
                         .balance_after = holding->second.balance + command.amount,
                         .order_id = std::nullopt,
                         .create_time = command.create_time});
      holding->second = HoldingAfter(entries.back());
      answers.push_back(entries.back().balance_after);
    }
  }
  AppendEntries(tx, entries);
  return answers;
}

}  // namespace payments
