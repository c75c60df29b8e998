#include "platform/messaging/outbox_relay.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "platform/host/host.h"
#include "platform/observability/log.h"
#include "platform/pg/transaction.h"

namespace messaging {

using observability::Level;
using observability::Log;

OutboxRelay::OutboxRelay(pg::Database& database, OutboxRelayOptions options)
    : database_(database),
      options_(std::move(options)),
      confirmed_(observability::NewCounter("outbox_events_confirmed_total",
                                           "Events that the broker confirmed",
                                           {{"exchange", options_.exchange}})),
      refused_(observability::NewCounter("outbox_events_refused_total",
                                         "Publications returned as unroutable, or refused",
                                         {{"exchange", options_.exchange}})),
      loop_(options_.loop, [this](amqp::Link& link) { return Serve(link); }) {}

absl::Status OutboxRelay::Serve(amqp::Link& link) {
  if (absl::Status declared = link.Declare({.exchanges = {options_.exchange}, .queues = {}});
      !declared.ok()) {
    return declared;
  }
  if (absl::Status enabled = link.EnableConfirms(); !enabled.ok()) return enabled;
  loop_.ReportUp();
  young_due_ = false;
  all_after_ = types::Uuid();
  next_page_ = host::Deadline::After(absl::ZeroDuration());

  while (true) {
    if (absl::Status ready = WaitForWork(link); !ready.ok()) return ready;
    if (loop_.stopping()) return absl::OkStatus();
    if (young_due_) {
      if (absl::Status relayed = RelayYoung(link); !relayed.ok()) return relayed;
    }
    if (next_page_.Passed() && !link.blocked()) {
      if (absl::Status relayed = RelayAll(link); !relayed.ok()) return relayed;
    }
  }
}

// Returns when a claim is due and the broker takes messages, or on Stop(). Answers
// that come now belong to batches given up: they are dropped.
absl::Status OutboxRelay::WaitForWork(amqp::Link& link) {
  host::Deadline until = host::Deadline::After(absl::ZeroDuration());
  while (true) {
    const absl::StatusOr<std::optional<amqp::Event>> event = link.Next(until, loop_.wakeup());
    if (!event.ok()) return event.status();
    if (event->has_value()) continue;
    ReportBlocked(link);
    if (loop_.wakeup().Take()) young_due_ = true;
    if (loop_.stopping()) return absl::OkStatus();
    if (!link.blocked() && (young_due_ || next_page_.Passed())) return absl::OkStatus();
    until = link.blocked() ? host::Deadline::After(options_.tick) : next_page_;
  }
}

absl::Status OutboxRelay::RelayYoung(amqp::Link& link) {
  const types::Uuid floor = types::Uuid::V7Floor(host::Now() - options_.lookback);
  const absl::StatusOr<std::optional<Batch>> relayed =
      RelayAfter(link, std::max(floor, young_after_));
  if (!relayed.ok()) return relayed.status();
  young_due_ = false;
  if (!relayed->has_value()) {
    // What is waiting has grown old when the database is back.
    next_page_ = host::Deadline::After(options_.retry);
    return absl::OkStatus();
  }
  const Batch& batch = **relayed;
  young_due_ = batch.claimed == options_.batch_rows_max;
  if (batch.confirmed < batch.claimed) young_after_ = batch.last;
  return absl::OkStatus();
}

absl::Status OutboxRelay::RelayAll(amqp::Link& link) {
  const absl::StatusOr<std::optional<Batch>> relayed = RelayAfter(link, all_after_);
  if (!relayed.ok()) return relayed.status();
  if (!relayed->has_value()) {
    next_page_ = host::Deadline::After(options_.retry);
    return absl::OkStatus();
  }
  const Batch& batch = **relayed;
  refused_in_pass_ += batch.refused;
  if (batch.claimed == options_.batch_rows_max) {
    all_after_ = batch.last;
    next_page_ = host::Deadline::After(batch.confirmed > 0 ? absl::ZeroDuration() : options_.retry);
  } else {
    ReportPass();
    all_after_ = types::Uuid();
    next_page_ = host::Deadline::After(options_.tick);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<OutboxRelay::Batch>> OutboxRelay::RelayAfter(
    amqp::Link& link, const types::Uuid& after) {
  Batch batch;
  absl::Status linked;
  const absl::Status committed = pg::RunAgainUntilKnown(
      database_,
      [&](pg::Tx& tx) {
        const std::vector<OutboxMessage> messages = ClaimOutbox(tx, after, options_.batch_rows_max);
        if (messages.empty()) return absl::OkStatus();
        amqp::ConfirmTracker tracker;
        linked = Publish(link, messages, tracker);
        batch = {.claimed = messages.size(),
                 .confirmed = tracker.confirmed().size(),
                 .refused = tracker.refused(),
                 .last = messages.back().event_id};
        // Also after a fault of the link: what is confirmed need not go again.
        if (!tracker.confirmed().empty()) {
          options_.after_confirm.Hit();
          DeleteFromOutbox(tx, tracker.confirmed());
        }
        return absl::OkStatus();
      },
      // The wait for the broker's confirms is part of the transaction.
      {.attempts_max = 1, .time_max = options_.confirm_timeout + pg::RetryBudget().time_max});
  if (!linked.ok()) return linked;
  ReportDatabase(committed);
  if (!committed.ok()) return std::nullopt;
  if (batch.confirmed > 0) options_.after_delete.Hit();
  confirmed_.Increment(static_cast<double>(batch.confirmed));
  refused_.Increment(static_cast<double>(batch.refused));
  return batch;
}

absl::Status OutboxRelay::Publish(amqp::Link& link, std::span<const OutboxMessage> messages,
                                  amqp::ConfirmTracker& tracker) {
  std::vector<std::string> event_ids;
  std::vector<std::string> correlation_ids;
  for (const OutboxMessage& message : messages) {
    event_ids.push_back(message.event_id.ToString());
    correlation_ids.push_back(message.correlation_id.ToString());
  }
  std::vector<amqp::Publication> publications;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    publications.push_back({.message_id = event_ids[i],
                            .correlation_id = correlation_ids[i],
                            .type = messages[i].type,
                            .body = messages[i].payload,
                            .trace = messages[i].trace});
  }
  const absl::StatusOr<std::uint64_t> first_tag = link.Publish(options_.exchange, publications);
  if (!first_tag.ok()) return first_tag.status();
  for (std::size_t i = 0; i < event_ids.size(); ++i) tracker.Sent(*first_tag + i, event_ids[i]);
  options_.after_publish.Hit();
  return AwaitConfirms(link, tracker);
}

// OK with messages outstanding: the broker went into alarm, they are given up.
absl::Status OutboxRelay::AwaitConfirms(amqp::Link& link, amqp::ConfirmTracker& tracker) {
  const host::Deadline deadline = host::Deadline::After(options_.confirm_timeout);
  while (tracker.outstanding() > 0 && !link.blocked()) {
    const absl::StatusOr<std::optional<amqp::Event>> event = link.Next(deadline);
    if (!event.ok()) return event.status();
    if (!event->has_value()) {
      if (deadline.Passed()) return absl::DeadlineExceededError("the broker confirms too slowly");
      continue;
    }
    if (const auto* confirm = std::get_if<amqp::Confirm>(&**event)) tracker.On(*confirm);
    if (const auto* returned = std::get_if<amqp::Return>(&**event)) tracker.On(*returned);
  }
  return absl::OkStatus();
}

void OutboxRelay::ReportDatabase(const absl::Status& status) {
  if (std::exchange(database_away_, !status.ok()) == database_away_) return;
  if (database_away_) {
    Log(Level::kWarning, "relay cannot reach the database, trying again",
        {{"error", status.ToString()}});
  } else {
    Log(Level::kInfo, "relay reaches the database again");
  }
}

void OutboxRelay::ReportBlocked(const amqp::Link& link) {
  if (std::exchange(blocked_, link.blocked()) == blocked_) return;
  if (blocked_) {
    Log(Level::kWarning, "broker in alarm: takes no messages");
  } else {
    Log(Level::kInfo, "broker takes messages again");
  }
}

void OutboxRelay::ReportPass() {
  const std::size_t refused = std::exchange(refused_in_pass_, 0);
  if (std::exchange(refusing_, refused > 0) == refusing_) return;
  if (refusing_) {
    Log(Level::kWarning,
        "broker refuses messages, they stay in the outbox: no queue is bound or a queue is full",
        {{"messages", std::to_string(refused)}});
  } else {
    Log(Level::kInfo, "broker refuses no message any more");
  }
}

}  // namespace messaging
