#ifndef PAYMENTS_APP_TOP_UP_ACCOUNTS_H_
#define PAYMENTS_APP_TOP_UP_ACCOUNTS_H_

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "payments/domain/account.h"
#include "platform/pg/tx.h"

namespace payments {

// The ledger entry's id was made before the first run: a re-run whose entry is
// there already adds nothing. Of one user's commands with the same idempotency key at
// most one adds, ever, however many there are and wherever they run.
struct TopUpCommand {
  EntryId entry_id;
  UserId user_id;
  // Positive.
  Money amount;
  absl::Time create_time;
  std::optional<IdempotencyKey> idempotency_key;
};

struct ToppedUp {
  // Right after this top-up.
  Money balance;
  // Another command with the same key had topped up.
  bool replayed = false;
};

// Adds each amount to its account, in the order of `commands`. Never waits for another
// transaction that is at work on one of the keys. A refused command leaves no trace of
// its key.
// Answers: the balance right after the top-up that is there for this command;
//          NOT_FOUND (ACCOUNT_NOT_FOUND) without an account;
//          FAILED_PRECONDITION (BALANCE_LIMIT_EXCEEDED) past 2^53 - 1;
//          FAILED_PRECONDITION (IDEMPOTENCY_KEY_REUSED): the key stands for a top-up by
//          another amount;
//          ABORTED (IDEMPOTENCY_KEY_IN_USE): another transaction is at work on the key.
std::vector<absl::StatusOr<ToppedUp>> TopUpAccounts(pg::Tx& tx,
                                                    std::span<const TopUpCommand> commands);

}  // namespace payments

#endif  // PAYMENTS_APP_TOP_UP_ACCOUNTS_H_
