#ifndef PLATFORM_MESSAGING_INBOX_SESSION_H_
#define PLATFORM_MESSAGING_INBOX_SESSION_H_

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/amqp/link.h"
#include "platform/amqp/message.h"
#include "platform/amqp/outstanding_tags.h"
#include "platform/host/deadline.h"
#include "platform/messaging/inbox_consumer.h"
#include "platform/messaging/link_loop.h"
#include "platform/observability/metrics.h"
#include "platform/pg/database.h"

namespace messaging {

// The consumer's work on one link. What the link delivered lives and ends with the
// session: no tag can reach another link.
class InboxSession {
 public:
  InboxSession(pg::Database& database, const InboxConsumerOptions& options, const UseCase& use_case,
               LinkLoop& loop, amqp::Link& link);

  // Until Stop(), or until the link or a fault of ours ends it.
  absl::Status Run();

 private:
  // A message and its events.
  struct Received {
    std::uint64_t tag = 0;
    // How often the broker has delivered it before.
    std::int64_t delivery_count = 0;
    std::vector<Delivery> events;
  };

  absl::Status DeclareAndConsume();
  absl::Status DeclareAgain();
  absl::Status Collect(const host::Deadline& until);
  absl::Status Hold(absl::Duration wait);
  absl::StatusOr<bool> TakeNext(const host::Deadline& deadline);
  absl::Status Take(amqp::Delivery message);

  bool idle() const { return pending_.empty() && suspects_.empty(); }
  absl::Status ApplyNext();
  absl::Status ApplyBatch();
  absl::Status ApplySuspect();
  Received TakeSuspect();
  absl::Status Apply(std::span<const Delivery> batch, std::span<absl::Status> answers);
  absl::Status Commit(std::span<const Delivery> batch, std::span<absl::Status> answers);
  absl::Status Settle(std::uint64_t tag, std::span<const Delivery> events,
                      std::span<const absl::Status> answers);
  absl::Status Acknowledge();
  void ReportDead(const std::string& event_id, const absl::Status& reason);
  absl::Status DeadLetter(std::uint64_t tag);

  pg::Database& database_;
  const InboxConsumerOptions& options_;
  const UseCase& use_case_;
  LinkLoop& loop_;
  amqp::Link& link_;
  const amqp::Topology topology_;
  host::Deadline next_declare_;
  amqp::OutstandingTags outstanding_;
  std::deque<Received> pending_;
  std::deque<Received> suspects_;
  // Of what is applied, committed and not acked yet.
  std::vector<std::uint64_t> to_ack_;
  const observability::Counter applied_;
  const observability::Counter dead_lettered_;
};

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_INBOX_SESSION_H_
