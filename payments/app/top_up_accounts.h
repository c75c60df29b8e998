#ifndef PAYMENTS_APP_TOP_UP_ACCOUNTS_H_
#define PAYMENTS_APP_TOP_UP_ACCOUNTS_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "payments/domain/account.h"
#include "platform/pg/tx.h"

namespace payments {

// The ledger entry's id was made before the first run: a re-run whose entry is
// there already adds nothing.
struct TopUpCommand {
  EntryId entry_id;
  UserId user_id;
  // Positive.
  Money amount;
  absl::Time create_time;
};

// Adds each amount to its account, in the order of `commands`.
// Answers: the balance right after this top-up;
//          NOT_FOUND (ACCOUNT_NOT_FOUND) without an account;
//          FAILED_PRECONDITION (BALANCE_LIMIT_EXCEEDED) past 2^53 - 1.
std::vector<absl::StatusOr<Money>> TopUpAccounts(pg::Tx& tx,
                                                 std::span<const TopUpCommand> commands);

}  // namespace payments

#endif  // PAYMENTS_APP_TOP_UP_ACCOUNTS_H_
