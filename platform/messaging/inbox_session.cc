#include "platform/messaging/inbox_session.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "platform/check/check.h"
#include "platform/host/host.h"
#include "platform/messaging/backoff.h"
#include "platform/messaging/envelope.h"
#include "platform/observability/log.h"
#include "platform/pg/transaction.h"

namespace messaging {
namespace {

using observability::Level;
using observability::Log;

// A batch that cannot lock its rows is tried in halves; a single event waits.
bool IsTransient(const absl::Status& status, std::size_t batch_size) {
  return absl::IsUnavailable(status) || (absl::IsAborted(status) && batch_size == 1);
}

// Whether a suspect that was delivered so often before is begun from its end.
bool FromTheEnd(std::int64_t delivery_count) { return delivery_count % 2 != 0; }

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
                            .routing_keys = {options.type, std::string(kBatchType)}}}},
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
    const host::Deadline until =
        idle() ? next_declare_ : host::Deadline::After(absl::ZeroDuration());
    if (absl::Status collected = Collect(until); !collected.ok()) return collected;
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

// Takes all that has arrived; waits until then for the first.
absl::Status InboxSession::Collect(const host::Deadline& until) {
  absl::StatusOr<bool> came = TakeNext(until);
  while (came.ok() && *came && !loop_.stopping()) {
    came = TakeNext(host::Deadline::After(absl::ZeroDuration()));
  }
  return came.status();
}

// Keeps the link alive for so long, or until Stop().
absl::Status InboxSession::Hold(absl::Duration wait) {
  const host::Deadline deadline = host::Deadline::After(wait);
  while (!deadline.Passed() && !loop_.stopping()) {
    if (absl::Status taken = TakeNext(deadline).status(); !taken.ok()) return taken;
  }
  return absl::OkStatus();
}

// Takes what comes next; false if the deadline passes, or Stop() wakes, before anything has.
absl::StatusOr<bool> InboxSession::TakeNext(const host::Deadline& deadline) {
  absl::StatusOr<std::optional<amqp::Event>> event = link_.Next(deadline, loop_.wakeup());
  if (!event.ok()) return event.status();
  if (!event->has_value()) {
    loop_.wakeup().Take();
    return false;
  }
  if (auto* message = std::get_if<amqp::Delivery>(&**event)) {
    if (absl::Status taken = Take(std::move(*message)); !taken.ok()) return taken;
  }
  return true;
}

absl::Status InboxSession::Take(amqp::Delivery message) {
  const std::uint64_t tag = message.tag;
  const std::int64_t delivery_count = message.delivery_count;
  const std::string message_id = message.message_id;
  outstanding_.Delivered(tag);
  absl::StatusOr<std::vector<Delivery>> events = Unpack(std::move(message), options_.type);
  if (!events.ok()) {
    ReportDead(message_id, events.status());
    return DeadLetter(tag);
  }
  std::deque<Received>& queue =
      delivery_count >= options_.suspect_deliveries ? suspects_ : pending_;
  queue.push_back({.tag = tag, .delivery_count = delivery_count, .events = *std::move(events)});
  return absl::OkStatus();
}

absl::Status InboxSession::ApplyNext() { return pending_.empty() ? ApplySuspect() : ApplyBatch(); }

// Whole messages, so that each can be acked or dead-lettered. Their events go over into `batch`;
// how many there were they go on to tell.
absl::Status InboxSession::ApplyBatch() {
  std::vector<Received> messages;
  std::vector<Delivery> batch;
  while (!pending_.empty() && (batch.empty() || batch.size() + pending_.front().events.size() <=
                                                    options_.batch_rows_max)) {
    messages.push_back(std::move(pending_.front()));
    pending_.pop_front();
    std::vector<Delivery>& events = messages.back().events;
    batch.insert(batch.end(), std::make_move_iterator(events.begin()),
                 std::make_move_iterator(events.end()));
  }
  std::vector<absl::Status> answers(batch.size());
  if (absl::Status applied = Apply(batch, answers); !applied.ok()) return applied;
  std::size_t first = 0;
  for (const Received& message : messages) {
    const std::size_t events = message.events.size();
    absl::Status settled =
        Settle(message.tag, std::span<const Delivery>(batch).subspan(first, events),
               std::span<const absl::Status>(answers).subspan(first, events));
    if (!settled.ok()) return settled;
    first += events;
  }
  return absl::OkStatus();
}

// Its events one by one, in a commit each: where one of them kills the process each time, those
// before it and those behind it have their turns.
absl::Status InboxSession::ApplySuspect() {
  const Received suspect = TakeSuspect();
  const std::size_t events = suspect.events.size();
  std::vector<absl::Status> answers(events);
  for (std::size_t i = 0; i < events; ++i) {
    const std::size_t at = FromTheEnd(suspect.delivery_count) ? events - 1 - i : i;
    absl::Status applied = Apply({&suspect.events[at], 1}, {&answers[at], 1});
    if (!applied.ok()) return applied;
    if (i + 1 == events) break;
    if (loop_.stopping()) return absl::CancelledError("stopping");
    if (absl::Status kept = Collect(host::Deadline::After(absl::ZeroDuration())); !kept.ok())
      return kept;
  }
  return Settle(suspect.tag, suspect.events, answers);
}

// From either end in turn, as one more delivery was counted: where one of them kills
// the process each time, those behind it have their turn as well as those before it.
InboxSession::Received InboxSession::TakeSuspect() {
  const bool last = FromTheEnd(suspects_.front().delivery_count);
  Received suspect = std::move(last ? suspects_.back() : suspects_.front());
  if (last) {
    suspects_.pop_back();
  } else {
    suspects_.pop_front();
  }
  return suspect;
}

// Answers for each event, also for one that the database refuses.
absl::Status InboxSession::Apply(std::span<const Delivery> batch, std::span<absl::Status> answers) {
  const absl::Status committed = Commit(batch, answers);
  if (committed.ok()) {
    options_.after_commit.Hit();
    return committed;
  }
  if (!pg::IsBadData(committed)) return committed;
  if (batch.size() == 1) {
    answers.front() = committed;
    return absl::OkStatus();
  }
  const std::size_t half = batch.size() / 2;
  if (absl::Status first = Apply(batch.first(half), answers.first(half)); !first.ok()) return first;
  return Apply(batch.subspan(half), answers.subspan(half));
}

// Tries while the fault may pass. The link's Status if that is lost meanwhile.
absl::Status InboxSession::Commit(std::span<const Delivery> batch,
                                  std::span<absl::Status> answers) {
  Backoff backoff(options_.hold_min, options_.hold_max);
  for (bool holding = false;; holding = true) {
    const absl::Status committed =
        pg::RunAgainUntilKnown(database_, options_.mode, options_.before_commit, [&](pg::Tx& tx) {
          absl::StatusOr<std::vector<absl::Status>> applied = use_case_(tx, batch);
          if (!applied.ok()) return applied.status();
          CHECK(applied->size() == batch.size());
          std::move(applied->begin(), applied->end(), answers.begin());
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

// A message with an event that can never be applied is dead; the others' effects stay.
absl::Status InboxSession::Settle(std::uint64_t tag, std::span<const Delivery> events,
                                  std::span<const absl::Status> answers) {
  std::size_t applied = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (answers[i].ok()) {
      ++applied;
    } else {
      ReportDead(events[i].event_id.ToString(), answers[i]);
    }
  }
  applied_.Increment(static_cast<double>(applied));
  if (applied < events.size()) return DeadLetter(tag);
  to_ack_.push_back(tag);
  return absl::OkStatus();
}

// Not before the pause between two batches: the broker writes acks to its log, and what the batch
// has made it publish would wait behind that.
absl::Status InboxSession::Acknowledge() {
  const absl::Status sent = link_.Send(outstanding_.Settle(std::exchange(to_ack_, {})));
  options_.after_ack.Hit();
  return sent;
}

void InboxSession::ReportDead(const std::string& event_id, const absl::Status& reason) {
  Log(Level::kWarning, "event dead-lettered",
      {{"queue", options_.queue}, {"event_id", event_id}, {"error", reason.ToString()}});
  dead_lettered_.Increment();
}

absl::Status InboxSession::DeadLetter(std::uint64_t tag) {
  outstanding_.Rejected(tag);
  return link_.Reject(tag);
}

}  // namespace messaging
