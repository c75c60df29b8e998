#ifndef PAYMENTS_APP_CREATE_ACCOUNTS_H_
#define PAYMENTS_APP_CREATE_ACCOUNTS_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "payments/domain/account.h"
#include "platform/pg/tx.h"

namespace payments {

// Its id was made before the first run: it tells a re-run, whose account is
// there already, from a second creation.
struct CreateAccountCommand {
  Account account;
};

// Opens each account, one per user.
// Answers: the account, or ALREADY_EXISTS (ACCOUNT_ALREADY_EXISTS).
std::vector<absl::StatusOr<Account>> CreateAccounts(pg::Tx& tx,
                                                    std::span<const CreateAccountCommand> commands);

}  // namespace payments

#endif  // PAYMENTS_APP_CREATE_ACCOUNTS_H_
