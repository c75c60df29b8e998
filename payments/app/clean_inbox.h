#ifndef PAYMENTS_APP_CLEAN_INBOX_H_
#define PAYMENTS_APP_CLEAN_INBOX_H_

#include <cstddef>

#include "absl/time/time.h"
#include "platform/pg/tx.h"

namespace payments {

struct CleanInboxCommand {
  // How long an event is kept. Should it come again later, its order's decision is
  // found and sent once more; nothing is charged twice.
  absl::Duration keep = absl::Hours(24);
  // Events at most: a transaction is to be short.
  std::size_t rows_max = 1'000;
};

// Deletes the events that have been in the inbox for too long, the oldest first.
// Returns how many; 0 also while another transaction does the same.
// Clock: the database's alone.
std::size_t CleanInbox(pg::Tx& tx, const CleanInboxCommand& command);

}  // namespace payments

#endif  // PAYMENTS_APP_CLEAN_INBOX_H_
