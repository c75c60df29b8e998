#include "payments/store/accounts_store.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "payments/store/column_names.h"
#include "payments/store/read_user_id.h"
#include "platform/check/check.h"
#include "platform/pg/array.h"

namespace payments {
namespace {

// The columns every reader of entries selects, as ReadEntry expects them.
#define ENTRY_COLUMNS                                                             \
  "id, user_id, entry_number, kind, amount, balance_after, order_id, " PG_MICROS( \
      "create_time") ", idempotency_key"

// Sorted, so that two batches with the same users wait for each other in order.
constexpr pg::Statement kInsertAccounts{"payments_insert_accounts", R"sql(
    INSERT INTO accounts (user_id, id, create_time)
    SELECT user_id, id, create_time
      FROM unnest($1::text[], $2::uuid[], $3::timestamptz[])
        AS new_account (user_id, id, create_time)
     ORDER BY user_id COLLATE "C"
        ON CONFLICT (user_id) DO NOTHING)sql"};

// A statement of its own, so that it sees the rows that the insert waited for.
constexpr pg::Statement kLockAccountIds{"payments_lock_account_ids", R"sql(
    SELECT user_id, id
      FROM accounts
     WHERE user_id = ANY ($1::text[])
     ORDER BY user_id
       FOR UPDATE)sql"};

constexpr pg::Statement kLockAccounts{"payments_lock_accounts", R"sql(
    SELECT user_id
      FROM accounts
     WHERE user_id = ANY ($1::text[])
     ORDER BY user_id
       FOR UPDATE)sql"};

// A statement of its own, so that it sees the entries that the lock waited for.
constexpr pg::Statement kSelectHoldings{"payments_select_holdings", R"sql(
    SELECT account.user_id, newest.balance_after, newest.entry_number
      FROM unnest($1::text[]) AS account (user_id),
           LATERAL (SELECT balance_after, entry_number
                      FROM ledger_entries
                     WHERE user_id = account.user_id
                     ORDER BY entry_number DESC
                     LIMIT 1) AS newest)sql"};

constexpr pg::Statement kSelectEntries{"payments_select_entries",
                                       "SELECT " ENTRY_COLUMNS
                                       " FROM ledger_entries WHERE id = ANY ($1::uuid[])"};

// A twin under way in another transaction has its account locked: by its key it is known
// without waiting for that.
constexpr pg::Statement kClaimKeys{"payments_claim_keys", R"sql(
    SELECT user_id, idempotency_key
      FROM unnest($1::text[], $2::text[]) AS wanted (user_id, idempotency_key)
     WHERE pg_try_advisory_xact_lock(hashtextextended(user_id || ' ' || idempotency_key, 0)))sql"};

constexpr pg::Statement kSelectTopUps{"payments_select_top_ups", "SELECT " ENTRY_COLUMNS R"sql(
      FROM ledger_entries JOIN unnest($1::text[], $2::text[]) AS wanted (user_id, idempotency_key)
     USING (user_id, idempotency_key))sql"};

constexpr pg::Statement kSelectBalance{"payments_select_balance", R"sql(
    SELECT coalesce((SELECT balance_after
                       FROM ledger_entries
                      WHERE user_id = $1
                      ORDER BY entry_number DESC
                      LIMIT 1), 0)
      FROM accounts
     WHERE user_id = $1)sql"};

constexpr pg::Statement kSelectLedger{
    "payments_select_ledger",
    "SELECT " ENTRY_COLUMNS
    " FROM ledger_entries WHERE user_id = $1 AND entry_number < $2::bigint"
    " ORDER BY entry_number DESC LIMIT $3::int"};

// A column that a CHECK keeps well-formed.
std::optional<IdempotencyKey> ReadKey(const pg::Row& row, std::size_t column) {
  if (row.IsNull(column)) return std::nullopt;
  std::optional<IdempotencyKey> key = IdempotencyKey::Parse(row.Text(column));
  CHECK(key.has_value());
  return key;
}

LedgerEntry ReadEntry(const pg::Row& row) {
  return {.id = EntryId(row.Uuid(0)),
          .user_id = ReadUserId(row, 1),
          .number = row.Int64(2),
          .kind = EntryKindFromColumn(row.Text(3)),
          .amount = Money::FromMinorUnits(row.Int64(4)),
          .balance_after = Money::FromMinorUnits(row.Int64(5)),
          .order_id = row.IsNull(6) ? std::nullopt : std::optional(OrderId(row.Uuid(6))),
          .create_time = row.Time(7),
          .idempotency_key = ReadKey(row, 8)};
}

}  // namespace

std::vector<pg::Statement> AccountsStatements() {
  return {kInsertAccounts, kLockAccountIds, kLockAccounts,  kSelectHoldings, kSelectEntries,
          kClaimKeys,      kSelectTopUps,   kSelectBalance, kSelectLedger};
}

absl::flat_hash_map<UserId, AccountId> InsertAccounts(pg::Tx& tx,
                                                      std::span<const Account> accounts) {
  pg::Array user_ids, ids, create_times, wanted;
  for (const Account& account : accounts) {
    user_ids.Add(account.user_id.ToString());
    wanted.Add(account.user_id.ToString());
    ids.Add(account.id.uuid());
    create_times.Add(account.create_time);
  }
  tx.Exec(kInsertAccounts, std::move(user_ids), std::move(ids), std::move(create_times));
  const pg::Result result = tx.Exec(kLockAccountIds, std::move(wanted));
  absl::flat_hash_map<UserId, AccountId> there;
  for (std::size_t i = 0; i < result.size(); ++i) {
    there.emplace(ReadUserId(result[i], 0), AccountId(result[i].Uuid(1)));
  }
  return there;
}

absl::flat_hash_map<UserId, Holding> LockAccounts(pg::Tx& tx, std::span<const UserId> user_ids) {
  pg::Array wanted;
  for (const UserId& user_id : user_ids) wanted.Add(user_id.ToString());
  const pg::Result locked = tx.Exec(kLockAccounts, std::move(wanted));
  absl::flat_hash_map<UserId, Holding> holdings;
  holdings.reserve(locked.size());
  pg::Array there;
  for (std::size_t i = 0; i < locked.size(); ++i) {
    UserId user_id = ReadUserId(locked[i], 0);
    there.Add(user_id.ToString());
    holdings.emplace(std::move(user_id), Holding{});
  }
  if (holdings.empty()) return holdings;
  const pg::Result newest = tx.Exec(kSelectHoldings, std::move(there));
  for (std::size_t i = 0; i < newest.size(); ++i) {
    const pg::Row row = newest[i];
    holdings[ReadUserId(row, 0)] = {.balance = Money::FromMinorUnits(row.Int64(1)),
                                    .last_entry = row.Int64(2)};
  }
  return holdings;
}

absl::flat_hash_map<EntryId, LedgerEntry> SelectEntries(pg::Tx& tx, std::span<const EntryId> ids) {
  pg::Array wanted;
  for (const EntryId& id : ids) wanted.Add(id.uuid());
  const pg::Result result = tx.Exec(kSelectEntries, std::move(wanted));
  absl::flat_hash_map<EntryId, LedgerEntry> entries;
  for (std::size_t i = 0; i < result.size(); ++i) {
    LedgerEntry entry = ReadEntry(result[i]);
    const EntryId id = entry.id;
    entries.emplace(id, std::move(entry));
  }
  return entries;
}

absl::flat_hash_set<KeyOfUser> ClaimKeys(pg::Tx& tx, std::span<const KeyOfUser> keys) {
  pg::Array user_ids, wanted;
  for (const auto& [user_id, key] : keys) {
    user_ids.Add(user_id.ToString());
    wanted.Add(key.ToString());
  }
  const pg::Result result = tx.Exec(kClaimKeys, std::move(user_ids), std::move(wanted));
  absl::flat_hash_set<KeyOfUser> claimed;
  for (std::size_t i = 0; i < result.size(); ++i) {
    claimed.emplace(ReadUserId(result[i], 0), *ReadKey(result[i], 1));
  }
  return claimed;
}

absl::flat_hash_map<KeyOfUser, LedgerEntry> SelectTopUps(
    pg::Tx& tx, const absl::flat_hash_set<KeyOfUser>& keys) {
  pg::Array user_ids, wanted;
  for (const auto& [user_id, key] : keys) {
    user_ids.Add(user_id.ToString());
    wanted.Add(key.ToString());
  }
  const pg::Result result = tx.Exec(kSelectTopUps, std::move(user_ids), std::move(wanted));
  absl::flat_hash_map<KeyOfUser, LedgerEntry> top_ups;
  for (std::size_t i = 0; i < result.size(); ++i) {
    LedgerEntry entry = ReadEntry(result[i]);
    KeyOfUser key(entry.user_id, *entry.idempotency_key);
    top_ups.emplace(std::move(key), std::move(entry));
  }
  return top_ups;
}

std::optional<Money> SelectBalance(pg::Tx& tx, const UserId& user_id) {
  const pg::Result result = tx.Exec(kSelectBalance, user_id.ToString());
  if (result.empty()) return std::nullopt;
  return Money::FromMinorUnits(result[0].Int64(0));
}

std::vector<LedgerEntry> SelectLedger(pg::Tx& tx, const UserId& user_id,
                                      const std::optional<std::int64_t>& before,
                                      std::int32_t rows_max) {
  const std::int64_t bound = before.value_or(std::numeric_limits<std::int64_t>::max());
  const pg::Result result =
      tx.Exec(kSelectLedger, user_id.ToString(), bound, std::int64_t{rows_max});
  std::vector<LedgerEntry> entries;
  entries.reserve(result.size());
  for (std::size_t i = 0; i < result.size(); ++i) entries.push_back(ReadEntry(result[i]));
  return entries;
}

}  // namespace payments
