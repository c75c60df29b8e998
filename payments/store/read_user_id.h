#ifndef PAYMENTS_STORE_READ_USER_ID_H_
#define PAYMENTS_STORE_READ_USER_ID_H_

#include <cstddef>
#include <optional>

#include "payments/domain/account.h"
#include "platform/check/check.h"
#include "platform/pg/tx.h"

namespace payments {

// A column that a CHECK or the code that wrote it keeps well-formed.
inline UserId ReadUserId(const pg::Row& row, std::size_t column) {
  const std::optional<UserId> user_id = UserId::Parse(row.Text(column));
  CHECK(user_id.has_value());
  return *user_id;
}

}  // namespace payments

#endif  // PAYMENTS_STORE_READ_USER_ID_H_
