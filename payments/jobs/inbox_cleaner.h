#ifndef PAYMENTS_JOBS_INBOX_CLEANER_H_
#define PAYMENTS_JOBS_INBOX_CLEANER_H_

#include "absl/status/statusor.h"
#include "payments/jobs/inbox_cleaner_options.h"
#include "platform/lifecycle/periodic.h"
#include "platform/lifecycle/service.h"
#include "platform/observability/metrics.h"
#include "platform/pg/database.h"

namespace payments {

// Keeps the inbox from growing: deletes what has been there for too long, in short
// transactions with a pause between them, whatever else the service does.
//
// Copies:  any number; one deletes at a time.
// Threads: one of its own, with one connection to the database.
// Stop:    finishes the transaction under way, within the retry budget of transaction.h.
// Metrics: inbox_events_deleted_total.
// Source:  docs/protocol.md, "Inbox".
class InboxCleaner final : public lifecycle::Service {
 public:
  InboxCleaner(pg::Database& database, const InboxCleanerOptions& options);

  void Start() override { periodic_.Start(); }
  void Stop() override { periodic_.Stop(); }

 private:
  absl::StatusOr<lifecycle::Periodic::Left> Clean();

  pg::Database& database_;
  const CleanInboxCommand transaction_;
  const observability::Counter deleted_;
  // Last: its thread uses all of the above.
  lifecycle::Periodic periodic_;
};

}  // namespace payments

#endif  // PAYMENTS_JOBS_INBOX_CLEANER_H_
