#ifndef PAYMENTS_APP_GET_BALANCE_H_
#define PAYMENTS_APP_GET_BALANCE_H_

#include "absl/status/statusor.h"
#include "payments/domain/account.h"
#include "platform/pg/pool.h"

namespace payments {

// NOT_FOUND (ACCOUNT_NOT_FOUND) without an account; UNAVAILABLE if the database
// is away.
absl::StatusOr<Money> GetBalance(pg::Pool& pool, const UserId& user_id);

}  // namespace payments

#endif  // PAYMENTS_APP_GET_BALANCE_H_
