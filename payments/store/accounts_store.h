#ifndef PAYMENTS_STORE_ACCOUNTS_STORE_H_
#define PAYMENTS_STORE_ACCOUNTS_STORE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "payments/domain/account.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"

// The tables `accounts` and `ledger_entries`. Functions run inside the caller's
// transaction and decide nothing.
namespace payments {

// All statements of this file, to be prepared at connect.
std::vector<pg::Statement> AccountsStatements();

// Inserts the accounts of users who have none. Returns, for every user given,
// the id of the account that is there now: another's if it was there before.
absl::flat_hash_map<UserId, AccountId> InsertAccounts(pg::Tx& tx,
                                                      std::span<const Account> accounts);

// Locks the users' accounts until the transaction ends, in the order of user
// ids, so that no two batches wait for each other, and tells what each then
// holds. Users without an account are absent.
absl::flat_hash_map<UserId, Holding> LockAccounts(pg::Tx& tx, std::span<const UserId> user_ids);

// The entries among `ids` that are there.
absl::flat_hash_map<EntryId, LedgerEntry> SelectEntries(pg::Tx& tx, std::span<const EntryId> ids);

using KeyOfUser = std::pair<UserId, IdempotencyKey>;

// Takes these keys until the transaction ends, and waits for none. Returns those that are
// taken now; the others are another transaction's.
absl::flat_hash_set<KeyOfUser> ClaimKeys(pg::Tx& tx, std::span<const KeyOfUser> keys);

// The top-ups that have these keys.
absl::flat_hash_map<KeyOfUser, LedgerEntry> SelectTopUps(
    pg::Tx& tx, const absl::flat_hash_set<KeyOfUser>& keys);

// No value if the user has no account.
std::optional<Money> SelectBalance(pg::Tx& tx, const UserId& user_id);

// The user's entries with numbers below `before` (all if not given), newest
// first, at most `rows_max`.
std::vector<LedgerEntry> SelectLedger(pg::Tx& tx, const UserId& user_id,
                                      const std::optional<std::int64_t>& before,
                                      std::int32_t rows_max);

}  // namespace payments

#endif  // PAYMENTS_STORE_ACCOUNTS_STORE_H_
