#include "platform/messaging/outbox_relay.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "platform/host/host.h"
#include "platform/messaging/envelope.h"
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
                                         "Events returned as unroutable, or refused",
                                         {{"exchange", options_.exchange}})),
      handed_(options_.handed_rows_max),
      loop_(options_.loop, [this](amqp::Link& link) { return Serve(link); }) {}

void OutboxRelay::HandOver(std::vector<OutboxMessage> messages) {
  if (handed_.Push(std::move(messages))) loop_.Wake();
}

absl::Status OutboxRelay::Serve(amqp::Link& link) {
  if (absl::Status declared = DeclareExchange(link); !declared.ok()) return declared;
  if (absl::Status enabled = link.EnableConfirms(); !enabled.ok()) return enabled;
  page_after_ = types::Uuid();
  next_page_ = host::Deadline::After(absl::ZeroDuration());
  handed_.Open();
  loop_.ReportUp();
  absl::Status end = ServeUntilStopped(link);
  handed_.Close();
  return end;
}

// Versions before docs/adr/0017 made a topic exchange, and an exchange cannot change. Until the
// queues are bound to the new one, what is published comes back and stays in the outbox.
absl::Status OutboxRelay::DeclareExchange(amqp::Link& link) {
  const amqp::Topology own{.exchanges = {options_.exchange}, .topic_exchanges = {}, .queues = {}};
  const absl::Status declared = link.Declare(own);
  if (!absl::IsFailedPrecondition(declared)) return declared;
  Log(Level::kWarning, "exchange is of another type, making it anew",
      {{"exchange", options_.exchange}, {"error", declared.ToString()}});
  if (absl::Status deleted = link.DeleteExchange(options_.exchange); !deleted.ok()) return deleted;
  return link.Declare(own);
}

absl::Status OutboxRelay::ServeUntilStopped(amqp::Link& link) {
  while (true) {
    if (absl::Status ready = WaitForWork(link); !ready.ok()) return ready;
    if (loop_.stopping()) return absl::OkStatus();
    if (!handed_.empty()) {
      const host::Deadline next = host::Deadline::After(options_.spacing);
      if (absl::Status relayed = RelayHanded(link); !relayed.ok()) return relayed;
      host::SleepFor(next.Left());
    }
    if (next_page_.Passed() && !link.blocked()) {
      if (absl::Status relayed = RelayFound(link); !relayed.ok()) return relayed;
    }
  }
}

// Returns when a batch is due and the broker takes messages, or on Stop(). Answers
// that come now belong to batches given up: they are dropped.
absl::Status OutboxRelay::WaitForWork(amqp::Link& link) {
  host::Deadline until = host::Deadline::After(absl::ZeroDuration());
  while (true) {
    const absl::StatusOr<std::optional<amqp::Event>> event = link.Next(until, loop_.wakeup());
    if (!event.ok()) return event.status();
    if (event->has_value()) continue;
    ReportBlocked(link);
    loop_.wakeup().Take();
    if (loop_.stopping()) return absl::OkStatus();
    const bool due = !handed_.empty() || next_page_.Passed();
    if (due && !link.blocked()) return absl::OkStatus();
    until = link.blocked() ? host::Deadline::After(options_.tick) : next_page_;
  }
}

// Without a transaction around it: the rows are not locked, and what is not deleted is found
// in the outbox and sent again.
absl::Status OutboxRelay::RelayHanded(amqp::Link& link) {
  const std::vector<OutboxMessage> messages = handed_.Take(options_.batch_rows_max);
  Sent sent;
  const absl::Status linked = Publish(link, messages, sent);
  if (!sent.confirmed.empty()) {
    options_.after_confirm.Hit();
    const absl::Status deleted = pg::Query(database_,
                                           [&](pg::Tx& tx) {
                                             DeleteFromOutbox(tx, sent.confirmed);
                                             return absl::OkStatus();
                                           },
                                           {.attempts_max = 1});
    ReportDatabase(deleted);
    if (!deleted.ok()) return linked;
  }
  Count(sent);
  return linked;
}

absl::Status OutboxRelay::RelayFound(amqp::Link& link) {
  const absl::StatusOr<std::optional<Page>> relayed = RelayPage(link);
  if (!relayed.ok()) return relayed.status();
  if (!relayed->has_value()) {
    next_page_ = host::Deadline::After(options_.retry);
    return absl::OkStatus();
  }
  const Page& page = **relayed;
  refused_in_pass_ += page.sent.refused;
  if (page.claimed == options_.batch_rows_max) {
    page_after_ = page.last;
    next_page_ =
        host::Deadline::After(page.sent.confirmed.empty() ? options_.retry : absl::ZeroDuration());
  } else {
    ReportPass();
    page_after_ = types::Uuid();
    next_page_ = host::Deadline::After(options_.tick);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<OutboxRelay::Page>> OutboxRelay::RelayPage(amqp::Link& link) {
  Page page;
  absl::Status linked;
  const absl::Status committed = pg::RunAgainUntilKnown(
      database_,
      [&](pg::Tx& tx) {
        const std::vector<OutboxMessage> messages =
            ClaimOutbox(tx, {.after = page_after_,
                             .age_min = options_.handed_time_max,
                             .rows_max = options_.batch_rows_max});
        if (messages.empty()) return absl::OkStatus();
        handed_.Drop(messages);
        page.claimed = messages.size();
        page.last = messages.back().event_id;
        linked = Publish(link, messages, page.sent);
        // Also after a fault of the link: what is confirmed need not go again.
        if (!page.sent.confirmed.empty()) {
          options_.after_confirm.Hit();
          DeleteFromOutbox(tx, page.sent.confirmed);
        }
        return absl::OkStatus();
      },
      // The wait for the broker's confirms is part of the transaction.
      {.attempts_max = 1, .time_max = options_.confirm_timeout + pg::RetryBudget().time_max});
  if (!linked.ok()) return linked;
  ReportDatabase(committed);
  if (!committed.ok()) return std::nullopt;
  Count(page.sent);
  return page;
}

// Of events that are deleted for certain where they are confirmed.
void OutboxRelay::Count(const Sent& sent) {
  if (!sent.confirmed.empty()) options_.after_delete.Hit();
  confirmed_.Increment(static_cast<double>(sent.confirmed.size()));
  refused_.Increment(static_cast<double>(sent.refused));
}

absl::Status OutboxRelay::Publish(amqp::Link& link, std::span<const OutboxMessage> messages,
                                  Sent& sent) {
  const std::vector<Envelope> envelopes =
      Pack(messages, alone_until_.Passed() ? options_.message_events_max : 1);
  std::vector<amqp::Publication> publications;
  for (const Envelope& envelope : envelopes) publications.push_back(envelope.ToPublication());
  const absl::StatusOr<std::uint64_t> first_tag = link.Publish(options_.exchange, publications);
  if (!first_tag.ok()) return first_tag.status();
  amqp::ConfirmTracker tracker;
  for (std::size_t i = 0; i < envelopes.size(); ++i) {
    tracker.Sent(*first_tag + i, envelopes[i].message_id);
  }
  options_.after_publish.Hit();
  const absl::Status linked = AwaitConfirms(link, tracker);
  for (const std::uint64_t tag : tracker.confirmed()) {
    for (const OutboxMessage& event : envelopes[tag - *first_tag].events) {
      sent.confirmed.push_back(event.event_id);
    }
  }
  for (const std::uint64_t tag : tracker.refused()) {
    sent.refused += envelopes[tag - *first_tag].events.size();
  }
  return linked;
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
    if (const auto* returned = std::get_if<amqp::Return>(&**event)) {
      tracker.On(*returned);
      alone_until_ = host::Deadline::After(std::max(options_.alone_time, 2 * options_.tick));
    }
  }
  return absl::OkStatus();
}

void OutboxRelay::ReportDatabase(const absl::Status& status) {
  // Rows that another copy is sending just now: they were locked by a database that is there.
  if (absl::IsAborted(status)) return;
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
        "broker refuses events, they stay in the outbox: no queue is bound or a queue is full",
        {{"events", std::to_string(refused)}});
  } else {
    Log(Level::kInfo, "broker refuses no event any more");
  }
}

}  // namespace messaging
