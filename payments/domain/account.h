#ifndef PAYMENTS_DOMAIN_ACCOUNT_H_
#define PAYMENTS_DOMAIN_ACCOUNT_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "platform/types/idempotency_key.h"
#include "platform/types/money.h"
#include "platform/types/strong_id.h"
#include "platform/types/user_id.h"

namespace payments {

using types::IdempotencyKey;
using types::Money;
using types::UserId;
using AccountId = types::StrongId<struct AccountTag>;
using EntryId = types::StrongId<struct EntryTag>;
// The order a charge is for; of another type than orders::OrderId on purpose:
// services share wire contracts, never domain types.
using OrderId = types::StrongId<struct PaidOrderTag>;

// A user's account. One per user.
struct Account {
  AccountId id;
  UserId user_id;
  Money balance;
  absl::Time create_time;
};

// What an account's newest ledger entry left, and its number (both 0 before the
// first): the state that the next entry follows.
struct Holding {
  Money balance;
  std::int64_t last_entry = 0;
};

enum class EntryKind { kTopUp, kCharge };

// One entry of the append-only ledger. An account's entries are numbered 1, 2,
// 3 .. without a gap, and balance = sum of top-ups - sum of charges, always.
struct LedgerEntry {
  EntryId id;
  UserId user_id;
  std::int64_t number = 0;
  EntryKind kind = EntryKind::kTopUp;
  // Positive; the kind tells the direction.
  Money amount;
  Money balance_after;
  // Set exactly for kCharge.
  std::optional<OrderId> order_id;
  absl::Time create_time;
  // Of the call that topped up; no value if that had none, and for kCharge.
  std::optional<IdempotencyKey> idempotency_key;
};

// What the account holds after `entry`.
inline Holding HoldingAfter(const LedgerEntry& entry) {
  return {.balance = entry.balance_after, .last_entry = entry.number};
}

}  // namespace payments

#endif  // PAYMENTS_DOMAIN_ACCOUNT_H_
