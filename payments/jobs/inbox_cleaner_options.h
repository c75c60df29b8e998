#ifndef PAYMENTS_JOBS_INBOX_CLEANER_OPTIONS_H_
#define PAYMENTS_JOBS_INBOX_CLEANER_OPTIONS_H_

#include "absl/time/time.h"
#include "payments/app/clean_inbox.h"
#include "platform/config/environment.h"

namespace payments {

// The inbox cleaner's knobs.
struct InboxCleanerOptions {
  // INBOX_CLEAN_INTERVAL_MS from when nothing was left to delete to the next look.
  absl::Duration interval;
  // INBOX_CLEAN_PAUSE_MS between two transactions while there is more. Longer: charges
  // share the disk with it less; but it must delete faster than events come in.
  absl::Duration pause;
  // INBOX_KEEP_MS: how long an event is kept. Longer: fewer repeated answers after a
  // long outage; shorter: a smaller table.
  // INBOX_CLEAN_ROWS_MAX: events deleted in one transaction.
  CleanInboxCommand transaction;
};

// Notes in `environment` what cannot be used.
InboxCleanerOptions ReadInboxCleanerOptions(config::Environment& environment);

}  // namespace payments

#endif  // PAYMENTS_JOBS_INBOX_CLEANER_OPTIONS_H_
