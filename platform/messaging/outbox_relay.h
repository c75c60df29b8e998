#ifndef PLATFORM_MESSAGING_OUTBOX_RELAY_H_
#define PLATFORM_MESSAGING_OUTBOX_RELAY_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/amqp/confirm_tracker.h"
#include "platform/failpoint/failpoint.h"
#include "platform/host/deadline.h"
#include "platform/lifecycle/service.h"
#include "platform/messaging/link_loop.h"
#include "platform/messaging/outbox.h"
#include "platform/observability/metrics.h"
#include "platform/pg/database.h"
#include "platform/types/uuid.h"

namespace messaging {

struct OutboxRelayOptions {
  LinkLoopOptions loop;
  // Declared by the relay: a durable topic exchange.
  std::string exchange;
  std::size_t batch_rows_max = 500;
  // For all confirms of a batch. Shorter than the database's
  // idle_in_transaction_session_timeout.
  absl::Duration confirm_timeout = absl::Seconds(5);
  // How often the whole outbox is read, for rows that nobody woke this relay for.
  absl::Duration tick = absl::Seconds(1);
  // A woken claim looks for events this young.
  absl::Duration lookback = absl::Seconds(2);
  // While the database is away, and between batches of which nothing was taken.
  absl::Duration retry = absl::Milliseconds(200);
  // With a batch sent but not confirmed; with it confirmed and not deleted; with the
  // deletion committed.
  failpoint::Failpoint after_publish;
  failpoint::Failpoint after_confirm;
  failpoint::Failpoint after_delete;
};

// Publishes committed outbox rows to RabbitMQ, at least once.
//
// Duplicates: a crash or a lost link between the broker's confirm and the commit
//             of the DELETE sends again; the consumer drops repeats.
// Loss:       none: a row goes when the broker has confirmed and not returned it.
// Order:      none promised.
// Fairness:   a row that is refused costs no attempt and waits behind the others.
// Threads:    one of its own, with one AMQP link and one database connection.
//             Several relays may run: rows are claimed SKIP LOCKED.
// Stop:       finishes the batch in flight, within confirm_timeout.
// Metrics:    outbox_events_confirmed_total, outbox_events_refused_total, by exchange.
// Source:     docs/protocol.md, "Outbox".
class OutboxRelay final : public lifecycle::Service {
 public:
  OutboxRelay(pg::Database& database, OutboxRelayOptions options);

  void Start() override { loop_.Start(); }
  void Stop() override { loop_.Stop(); }

  // Tells of a commit that appended rows. From any thread; cheap.
  void Wake() { loop_.Wake(); }
  bool connected() const { return loop_.connected(); }

 private:
  // What one transaction did.
  struct Batch {
    std::size_t claimed = 0;
    // Confirmed by the broker and deleted.
    std::size_t confirmed = 0;
    // Returned as unroutable or refused; they stay.
    std::size_t refused = 0;
    // Of the last row that was claimed.
    types::Uuid last;
  };

  absl::Status Serve(amqp::Link& link);
  absl::Status WaitForWork(amqp::Link& link);
  absl::Status RelayYoung(amqp::Link& link);
  absl::Status RelayAll(amqp::Link& link);
  // One batch, one transaction. No value: the database is away.
  absl::StatusOr<std::optional<Batch>> RelayAfter(amqp::Link& link, const types::Uuid& after);
  absl::Status Publish(amqp::Link& link, std::span<const OutboxMessage> messages,
                       amqp::ConfirmTracker& tracker);
  absl::Status AwaitConfirms(amqp::Link& link, amqp::ConfirmTracker& tracker);
  void ReportDatabase(const absl::Status& status);
  void ReportBlocked(const amqp::Link& link);
  void ReportPass();

  pg::Database& database_;
  const OutboxRelayOptions options_;
  const observability::Counter confirmed_;
  const observability::Counter refused_;
  // Young rows: read when woken; what was refused lies behind the cursor.
  bool young_due_ = false;
  types::Uuid young_after_;
  // All rows: read page by page, then from the start again at the next tick.
  host::Deadline next_page_ = host::Deadline::After(absl::ZeroDuration());
  types::Uuid all_after_;
  std::size_t refused_in_pass_ = 0;
  // As last logged.
  bool database_away_ = false;
  bool blocked_ = false;
  bool refusing_ = false;
  // Last: its thread uses all of the above.
  LinkLoop loop_;
};

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_OUTBOX_RELAY_H_
