#include "payments/jobs/inbox_cleaner.h"

#include <cstddef>

#include "platform/pg/transaction.h"

namespace payments {

using lifecycle::Periodic;

InboxCleaner::InboxCleaner(pg::Database& database, const InboxCleanerOptions& options)
    : database_(database),
      transaction_(options.transaction),
      deleted_(observability::NewCounter("inbox_events_deleted_total",
                                         "Events deleted from the inbox for their age")),
      periodic_({.name = "inbox cleaner", .interval = options.interval, .pause = options.pause},
                [this] { return Clean(); }) {}

absl::StatusOr<Periodic::Left> InboxCleaner::Clean() {
  std::size_t deleted = 0;
  const absl::Status end = pg::RunAgainUntilKnown(database_, [&](pg::Tx& tx) {
    deleted = CleanInbox(tx, transaction_);
    return absl::OkStatus();
  });
  if (!end.ok()) return end;
  deleted_.Increment(static_cast<double>(deleted));
  return deleted < transaction_.rows_max ? Periodic::Left::kNothing : Periodic::Left::kMore;
}

}  // namespace payments
