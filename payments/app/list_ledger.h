#ifndef PAYMENTS_APP_LIST_LEDGER_H_
#define PAYMENTS_APP_LIST_LEDGER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "payments/domain/account.h"
#include "platform/pg/pool.h"

namespace payments {

struct ListLedgerQuery {
  UserId user_id;
  // Only entries with lower numbers, if given.
  std::optional<std::int64_t> before;
  // Rows at most, 1 or more.
  std::int32_t page_size;
};

struct LedgerPage {
  // Newest first.
  std::vector<LedgerEntry> entries;
  bool has_more = false;
};

// NOT_FOUND (ACCOUNT_NOT_FOUND) without an account; UNAVAILABLE if the database
// is away.
absl::StatusOr<LedgerPage> ListLedger(pg::Pool& pool, const ListLedgerQuery& query);

}  // namespace payments

#endif  // PAYMENTS_APP_LIST_LEDGER_H_
