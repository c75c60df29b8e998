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
#include "platform/messaging/handed_over.h"
#include "platform/messaging/link_loop.h"
#include "platform/messaging/outbox.h"
#include "platform/observability/metrics.h"
#include "platform/pg/database.h"
#include "platform/types/uuid.h"

namespace messaging {

struct OutboxRelayOptions {
  LinkLoopOptions loop;
  // Declared by the relay: a durable direct exchange.
  std::string exchange;
  std::size_t batch_rows_max = 500;
  // Events in one message; see envelope.h.
  std::size_t message_events_max = 100;
  // For how long, and for two ticks, each goes alone after a message came back that no queue is
  // bound for: its consumer may be of a version that knows none of several.
  absl::Duration alone_time = absl::Seconds(60);
  // For all confirms of a batch. Shorter than the database's
  // idle_in_transaction_session_timeout.
  absl::Duration confirm_timeout = absl::Seconds(5);
  // Least time between the starts of two batches of what was handed over, well below
  // handed_time_max: a loaded system has fewer and bigger ones, and what comes later than this
  // after the last one does not wait.
  absl::Duration spacing = absl::Milliseconds(15);
  // How often the whole outbox is read, for rows that were not handed over.
  absl::Duration tick = absl::Seconds(1);
  // A row this young is left to the relay that it was handed to, if it was.
  absl::Duration handed_time_max = absl::Milliseconds(500);
  // Events handed over that wait at most; the others are read from the outbox.
  std::size_t handed_rows_max = 2'000;
  // While the database is away, and between batches of which nothing was taken.
  absl::Duration retry = absl::Milliseconds(200);
  // With a batch sent but not confirmed; with it confirmed and not deleted; with the
  // deletion committed.
  failpoint::Failpoint after_publish;
  failpoint::Failpoint after_confirm;
  failpoint::Failpoint after_delete;
};

// Publishes committed outbox rows to RabbitMQ, at least once: those of its own process as
// they are handed over, all others as it finds them in the table.
//
// Duplicates: a crash or a lost link between the broker's confirm and the commit
//             of the DELETE sends again, and so does another relay that finds a row which
//             was handed over handed_time_max ago; the consumer drops repeats.
// Loss:       none: a row goes when the broker has confirmed and not returned it.
// Order:      none promised.
// Fairness:   a row that is refused costs no attempt and waits behind the others.
// Threads:    one of its own, with one AMQP link and one database connection.
//             Several relays may run: rows that are found are claimed SKIP LOCKED.
// Stop:       finishes the batch in flight, within confirm_timeout.
// Metrics:    outbox_events_confirmed_total, outbox_events_refused_total, by exchange.
// Source:     docs/protocol.md, "Outbox".
class OutboxRelay final : public lifecycle::Service {
 public:
  OutboxRelay(pg::Database& database, OutboxRelayOptions options);

  void Start() override { loop_.Start(); }
  void Stop() override { loop_.Stop(); }

  // Takes the events of a transaction that has committed, or leaves them to the next
  // reading of the outbox. From any thread; cheap.
  void HandOver(std::vector<OutboxMessage> messages);
  bool connected() const { return loop_.connected(); }

 private:
  // What became of events that were sent.
  struct Sent {
    // Safe with the broker.
    std::vector<types::Uuid> confirmed;
    // How many were returned as unroutable, or refused.
    std::size_t refused = 0;
  };

  // What was claimed in one transaction, and what became of it.
  struct Page {
    std::size_t claimed = 0;
    // What is confirmed is deleted, the others stay.
    Sent sent;
    // Of the last row that was claimed.
    types::Uuid last;
  };

  absl::Status Serve(amqp::Link& link);
  absl::Status DeclareExchange(amqp::Link& link);
  absl::Status ServeUntilStopped(amqp::Link& link);
  absl::Status WaitForWork(amqp::Link& link);
  absl::Status RelayHanded(amqp::Link& link);
  absl::Status RelayFound(amqp::Link& link);
  // No value: the database is away.
  absl::StatusOr<std::optional<Page>> RelayPage(amqp::Link& link);
  absl::Status Publish(amqp::Link& link, std::span<const OutboxMessage> messages, Sent& sent);
  absl::Status AwaitConfirms(amqp::Link& link, amqp::ConfirmTracker& tracker);
  void Count(const Sent& sent);
  void ReportDatabase(const absl::Status& status);
  void ReportBlocked(const amqp::Link& link);
  void ReportPass();

  pg::Database& database_;
  const OutboxRelayOptions options_;
  const observability::Counter confirmed_;
  const observability::Counter refused_;
  HandedOver handed_;
  // The outbox: read page by page, then from the start again at the next tick.
  host::Deadline next_page_ = host::Deadline::After(absl::ZeroDuration());
  types::Uuid page_after_;
  std::size_t refused_in_pass_ = 0;
  host::Deadline alone_until_ = host::Deadline::After(absl::ZeroDuration());
  // As last logged.
  bool database_away_ = false;
  bool blocked_ = false;
  bool refusing_ = false;
  // Last: its thread uses all of the above.
  LinkLoop loop_;
};

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_OUTBOX_RELAY_H_
