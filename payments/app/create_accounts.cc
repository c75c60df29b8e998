#include "payments/app/create_accounts.h"

#include "absl/container/flat_hash_map.h"
#include "payments/store/accounts_store.h"
#include "platform/types/error.h"

namespace payments {

std::vector<absl::StatusOr<Account>> CreateAccounts(
    pg::Tx& tx, std::span<const CreateAccountCommand> commands) {
  std::vector<Account> accounts;
  accounts.reserve(commands.size());
  for (const CreateAccountCommand& command : commands) accounts.push_back(command.account);
  const absl::flat_hash_map<UserId, AccountId> there = InsertAccounts(tx, accounts);

  std::vector<absl::StatusOr<Account>> answers;
  answers.reserve(commands.size());
  for (const Account& account : accounts) {
    if (there.at(account.user_id) == account.id) {
      answers.push_back(account);
    } else {
      answers.push_back(types::Error(absl::StatusCode::kAlreadyExists, "ACCOUNT_ALREADY_EXISTS",
                                     "you have an account already"));
    }
  }
  return answers;
}

}  // namespace payments
