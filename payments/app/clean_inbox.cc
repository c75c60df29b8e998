#include "payments/app/clean_inbox.h"

#include <string_view>

#include "payments/store/payments_store.h"
#include "platform/pg/advisory_lock.h"

namespace payments {
namespace {

constexpr std::string_view kLock = "inbox cleaner";

}  // namespace

std::size_t CleanInbox(pg::Tx& tx, const CleanInboxCommand& command) {
  if (!pg::TryLock(tx, kLock)) return 0;
  return DeleteFromInbox(tx, command.keep, command.rows_max);
}

}  // namespace payments
