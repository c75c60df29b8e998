#include "payments/app/list_ledger.h"

#include <cstddef>

#include "payments/app/account_not_found.h"
#include "payments/store/accounts_store.h"
#include "platform/pg/transaction.h"

namespace payments {

absl::StatusOr<LedgerPage> ListLedger(pg::Pool& pool, const ListLedgerQuery& query) {
  LedgerPage page;
  const absl::Status end = pg::Query(pool, [&](pg::Tx& tx) -> absl::Status {
    // One more than asked for tells whether there is a next page.
    page.entries = SelectLedger(tx, query.user_id, query.before, query.page_size + 1);
    if (page.entries.empty() && !SelectBalance(tx, query.user_id)) return AccountNotFound();
    return absl::OkStatus();
  });
  if (!end.ok()) return end;
  page.has_more = page.entries.size() > static_cast<std::size_t>(query.page_size);
  if (page.has_more) page.entries.pop_back();
  return page;
}

}  // namespace payments
