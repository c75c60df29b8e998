#include "platform/messaging/inbox_session.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "platform/check/check.h"
#include "platform/host/host.h"
#include "platform/messaging/backoff.h"
#include "platform/observability/log.h"
#include "platform/observability/trace.h"
#include "platform/pg/transaction.h"

namespace messaging {
namespace {

using observability::Level;
using observability::Log;

// A batch that cannot lock its rows is tried in halves; a single event waits.
bool IsTransient(const absl::Status& status, std::size_t batch_size) {
  return absl::IsUnavailable(status) || (absl::IsAborted(status) && batch_size == 1);
}

absl::Status CheckForm(const amqp::Delivery& message, const std::optional<types::Uuid>& event_id,
                       const std::string& type) {
  if (!event_id) return absl::InvalidArgumentError("message_id is not a UUID");
  if (message.type != type) return absl::InvalidArgumentError("unknown type");
  if (!message.content_type.empty() && message.content_type != "application/x-protobuf") {
    return absl::InvalidArgumentError("unknown content type");
  }
  if (message.cut) return absl::InvalidArgumentError("too long");
  return absl::OkStatus();
}

// What is no traceparent is not worth the event it came with: foreign bytes here
// would stop the transaction, or the relay that has to publish them again.
std::string CheckedTrace(const std::string& traceparent) {
  const std::optional<observability::Trace> trace = observability::Trace::Parse(traceparent);
  return trace ? trace->ToString() : std::string();
}

}  // namespace

InboxSession::InboxSession(pg::Database& database, const InboxConsumerOptions& options,
                           const UseCase& use_case, LinkLoop& loop, amqp::Link& link)
    : database_(database),
      options_(options),
      use_case_(use_case),
      loop_(loop),
      link_(link),
      topology_{.exchanges = {options.own_exchange},
                .topic_exchanges = {options.dead_letter_exchange},
                .queues = {{.name = options.queue,
                            .dead_letter_exchange = options.dead_letter_exchange,
                            .source_exchange = options.peer_exchange,
                            .routing_key = options.type}}},
      next_declare_(host::Deadline::After(options.declare_interval)),
      applied_(observability::NewCounter("inbox_events_applied_total",
                                         "Events applied, now or by an earlier delivery",
                                         {{"queue", options.queue}})),
      dead_lettered_(observability::NewCounter("inbox_events_dead_lettered_total",
                                               "Events that can never be applied",
                                               {{"queue", options.queue}})) {}

absl::Status InboxSession::Run() {
  if (absl::Status consuming = DeclareAndConsume(); !consuming.ok()) return consuming;
  while (!loop_.stopping()) {
    if (absl::Status declared = DeclareAgain(); !declared.ok()) return declared;
    if (absl::Status collected = Collect(); !collected.ok()) return collected;
    if (idle()) continue;
    const host::Deadline next = host::Deadline::After(options_.spacing);
    if (absl::Status applied = ApplyNext(); !applied.ok()) return applied;
    if (idle()) host::SleepFor(next.Left());
    if (absl::Status acknowledged = Acknowledge(); !acknowledged.ok()) return acknowledged;
  }
  return absl::OkStatus();
}

absl::Status InboxSession::DeclareAndConsume() {
  Backoff backoff(options_.hold_min, options_.hold_max);
  absl::Status declared = link_.Declare(topology_);
  if (absl::IsNotFound(declared)) {
    Log(Level::kInfo, "waiting for the peer's exchange", {{"exchange", options_.peer_exchange}});
  }
  while (absl::IsNotFound(declared)) {
    if (absl::Status held = Hold(backoff.Next()); !held.ok()) return held;
    if (loop_.stopping()) return absl::CancelledError("stopping");
    declared = link_.Declare(topology_);
  }
  if (!declared.ok()) return declared;
  if (absl::Status consuming = link_.Consume(options_.queue, options_.prefetch_deliveries);
      !consuming.ok()) {
    return consuming;
  }
  loop_.ReportUp();
  return absl::OkStatus();
}

absl::Status InboxSession::DeclareAgain() {
  if (!next_declare_.Passed()) return absl::OkStatus();
  next_declare_ = host::Deadline::After(options_.declare_interval);
  const absl::Status declared = link_.Declare(topology_);
  // The peer declares its exchange when it reconnects; the next check binds to it.
  return absl::IsNotFound(declared) ? absl::OkStatus() : declared;
}

// Takes all that has arrived; waits while there is nothing to apply.
absl::Status InboxSession::Collect() {
  while (!loop_.stopping()) {
    absl::StatusOr<std::optional<amqp::Event>> event = link_.Next(
        idle() ? next_declare_ : host::Deadline::After(absl::ZeroDuration()), loop_.wakeup());
    if (!event.ok()) return event.status();
    if (!event->has_value()) {
      loop_.wakeup().Take();
      return absl::OkStatus();
    }
    if (auto* message = std::get_if<amqp::Delivery>(&**event)) {
      if (absl::Status taken = Take(std::move(*message)); !taken.ok()) return taken;
    }
  }
  return absl::OkStatus();
}

absl::Status InboxSession::Take(amqp::Delivery message) {
  outstanding_.Delivered(message.tag);
  const std::optional<types::Uuid> event_id = types::Uuid::Parse(message.message_id);
  if (absl::Status form = CheckForm(message, event_id, options_.type); !form.ok()) {
    return DeadLetter(message.tag, message.message_id, form);
  }
  std::deque<Received>& queue =
      message.delivery_count >= options_.suspect_deliveries ? suspects_ : pending_;
  queue.push_back({.tag = message.tag,
                   .delivery_count = message.delivery_count,
                   .delivery = {.event_id = *event_id,
                                .payload = std::move(message.body),
                                .trace = CheckedTrace(message.trace)}});
  return absl::OkStatus();
}

// Keeps the link alive for so long, or until Stop().
absl::Status InboxSession::Hold(absl::Duration wait) {
  const host::Deadline deadline = host::Deadline::After(wait);
  while (!deadline.Passed() && !loop_.stopping()) {
    absl::StatusOr<std::optional<amqp::Event>> event = link_.Next(deadline, loop_.wakeup());
    if (!event.ok()) return event.status();
    if (!event->has_value()) {
      loop_.wakeup().Take();
    } else if (auto* message = std::get_if<amqp::Delivery>(&**event)) {
      if (absl::Status taken = Take(std::move(*message)); !taken.ok()) return taken;
    }
  }
  return absl::OkStatus();
}

absl::Status InboxSession::ApplyNext() {
  if (pending_.empty()) {
    const Received suspect = TakeSuspect();
    return Apply({&suspect.delivery, 1}, {&suspect.tag, 1});
  }
  std::vector<Delivery> batch;
  std::vector<std::uint64_t> tags;
  while (!pending_.empty() && batch.size() < options_.batch_rows_max) {
    tags.push_back(pending_.front().tag);
    batch.push_back(std::move(pending_.front().delivery));
    pending_.pop_front();
  }
  return Apply(batch, tags);
}

// From either end in turn, as one more delivery was counted: where one of them kills
// the process each time, those behind it have their turn as well as those before it.
InboxSession::Received InboxSession::TakeSuspect() {
  const bool last = suspects_.front().delivery_count % 2 != 0;
  Received suspect = std::move(last ? suspects_.back() : suspects_.front());
  if (last) {
    suspects_.pop_back();
  } else {
    suspects_.pop_front();
  }
  return suspect;
}

absl::Status InboxSession::Apply(std::span<const Delivery> batch,
                                 std::span<const std::uint64_t> tags) {
  std::vector<absl::Status> answers;
  const absl::Status committed = Commit(batch, answers);
  if (committed.ok()) return Settle(batch, tags, answers);
  if (!pg::IsBadData(committed)) return committed;
  if (batch.size() == 1)
    return DeadLetter(tags.front(), batch.front().event_id.ToString(), committed);
  const std::size_t half = batch.size() / 2;
  if (absl::Status first = Apply(batch.first(half), tags.first(half)); !first.ok()) return first;
  return Apply(batch.subspan(half), tags.subspan(half));
}

// Tries while the fault may pass. The link's Status if that is lost meanwhile.
absl::Status InboxSession::Commit(std::span<const Delivery> batch,
                                  std::vector<absl::Status>& answers) {
  Backoff backoff(options_.hold_min, options_.hold_max);
  for (bool holding = false;; holding = true) {
    const absl::Status committed =
        pg::RunAgainUntilKnown(database_, options_.mode, options_.before_commit, [&](pg::Tx& tx) {
          absl::StatusOr<std::vector<absl::Status>> applied = use_case_(tx, batch);
          if (!applied.ok()) return applied.status();
          answers = *std::move(applied);
          CHECK(answers.size() == batch.size());
          return absl::OkStatus();
        });
    if (!IsTransient(committed, batch.size())) {
      if (holding) Log(Level::kInfo, "consumer goes on", {{"queue", options_.queue}});
      return committed;
    }
    if (!holding) {
      Log(Level::kWarning, "consumer cannot commit, holds its deliveries and tries again",
          {{"queue", options_.queue}, {"error", committed.ToString()}});
    }
    if (absl::Status held = Hold(backoff.Next()); !held.ok()) return held;
    if (loop_.stopping()) return absl::CancelledError("stopping");
  }
}

absl::Status InboxSession::Settle(std::span<const Delivery> batch,
                                  std::span<const std::uint64_t> tags,
                                  std::span<const absl::Status> answers) {
  options_.after_commit.Hit();
  std::size_t applied = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (answers[i].ok()) {
      to_ack_.push_back(tags[i]);
      ++applied;
    } else if (absl::Status sent = DeadLetter(tags[i], batch[i].event_id.ToString(), answers[i]);
               !sent.ok()) {
      return sent;
    }
  }
  applied_.Increment(static_cast<double>(applied));
  return absl::OkStatus();
}

// Not before the pause between two batches: the broker writes acks to its log, and what the batch
// has made it publish would wait behind that.
absl::Status InboxSession::Acknowledge() {
  const absl::Status sent = link_.Send(outstanding_.Settle(std::exchange(to_ack_, {})));
  options_.after_ack.Hit();
  return sent;
}

absl::Status InboxSession::DeadLetter(std::uint64_t tag, const std::string& event_id,
                                      const absl::Status& reason) {
  Log(Level::kWarning, "event dead-lettered",
      {{"queue", options_.queue}, {"event_id", event_id}, {"error", reason.ToString()}});
  dead_lettered_.Increment();
  outstanding_.Rejected(tag);
  return link_.Reject(tag);
}

}  // namespace messaging
