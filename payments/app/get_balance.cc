#include "payments/app/get_balance.h"

#include <optional>

#include "payments/app/account_not_found.h"
#include "payments/store/accounts_store.h"
#include "platform/pg/transaction.h"

namespace payments {

absl::StatusOr<Money> GetBalance(pg::Pool& pool, const UserId& user_id) {
  std::optional<Money> balance;
  const absl::Status end = pg::Query(pool, [&](pg::Tx& tx) {
    balance = SelectBalance(tx, user_id);
    return absl::OkStatus();
  });
  if (!end.ok()) return end;
  if (!balance) return AccountNotFound();
  return *balance;
}

}  // namespace payments
