#ifndef PLATFORM_MESSAGING_INBOX_CONSUMER_H_
#define PLATFORM_MESSAGING_INBOX_CONSUMER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/failpoint/failpoint.h"
#include "platform/lifecycle/service.h"
#include "platform/messaging/link_loop.h"
#include "platform/pg/database.h"
#include "platform/pg/tx.h"
#include "platform/types/uuid.h"

namespace messaging {

// An event as it came from the broker. Its payload is yet to be parsed.
struct Delivery {
  types::Uuid event_id;
  std::string payload;
  // W3C traceparent, or empty.
  std::string trace;
};

// Applies a batch inside the transaction, or by one statement that commits by itself. Returns one
// Status per delivery: OK for one that is applied, now or earlier; any other for one that can never
// be, which goes to the dead-letter queue while the others' effects stay. Returns a Status in their
// place, to roll back, as transaction.h says; not where a statement has committed.
//
// Requires: idempotent by the event ids; it may run several times, and one batch
//           may hold the same event twice.
using UseCase =
    std::function<absl::StatusOr<std::vector<absl::Status>>(pg::Tx&, std::span<const Delivery>)>;

struct InboxConsumerOptions {
  LinkLoopOptions loop;
  // Declared by the consumer: the service's own exchange, the exchange of dead
  // letters, the queue with its dead-letter queue.
  std::string own_exchange;
  std::string dead_letter_exchange = "dead.events";
  std::string queue;
  // The publisher's; waited for.
  std::string peer_exchange;
  // The one type of event that is taken, alone or several together (envelope.h).
  std::string type;
  // Messages.
  std::uint16_t prefetch_deliveries = 200;
  // Events; a message goes whole, also where it has more.
  std::size_t batch_rows_max = 100;
  // Least time between the starts of two batches, unless more is waiting already: a loaded system
  // has fewer and bigger ones, and what comes later than this after the last one does not wait.
  // Acks are sent at the end of that time.
  absl::Duration spacing = absl::Milliseconds(15);
  // How often the topology is declared anew, in case it was deleted.
  absl::Duration declare_interval = absl::Seconds(60);
  // Waits while the database is away, or the peer's exchange.
  absl::Duration hold_min = absl::Milliseconds(50);
  absl::Duration hold_max = absl::Seconds(2);
  // Messages that the broker has delivered this often before are taken last, and
  // event by event, from either end in turn: one may be what kills the process.
  std::int64_t suspect_deliveries = 3;
  // kStatements where the use case writes by one statement.
  pg::Database::Mode mode = pg::Database::Mode::kTransaction;
  // Right before what commits a batch (pg/transaction.h); with it committed and not acked;
  // with it acked.
  failpoint::Failpoint before_commit;
  failpoint::Failpoint after_commit;
  failpoint::Failpoint after_ack;
};

// Applies each event's effect, whatever is redelivered, and acks after the commit.
//
// Duplicates: the use case sees them; nothing is deferred or remembered here.
// Loss:       none: no ack before the commit.
// Bad events: a malformed message, or one with an event that the use case or the
//             database refuses, goes to the dead-letter queue; the others flow.
// Faults:     database away: holds what it has, keeps the heartbeats and tries
//             again; it never hands deliveries back. A fault of ours (INTERNAL):
//             closes the link and begins again after a backoff.
// Threads:    one of its own, with one AMQP link and one database connection.
//             Several consumers may share a queue.
// Stop:       finishes and acks the batch in flight, within the retry budget of
//             transaction.h; the broker delivers the rest to others.
// Metrics:    inbox_events_applied_total, inbox_events_dead_lettered_total, by queue.
// Source:     docs/protocol.md, "Inbox" and "Acks".
class InboxConsumer final : public lifecycle::Service {
 public:
  InboxConsumer(pg::Database& database, InboxConsumerOptions options, UseCase use_case);

  void Start() override { loop_.Start(); }
  void Stop() override { loop_.Stop(); }

  bool connected() const { return loop_.connected(); }

 private:
  pg::Database& database_;
  const InboxConsumerOptions options_;
  const UseCase use_case_;
  // Last: its thread uses all of the above.
  LinkLoop loop_;
};

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_INBOX_CONSUMER_H_
