#include "tests/simulation/broker/link.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/simulated_host.h"

namespace simulation {
namespace {

// After twice the heartbeat's interval (LinkOptions) without one.
constexpr absl::Duration kSilenceMax = absl::Seconds(20);

absl::Status Lost() { return absl::UnavailableError("the link is lost"); }

}  // namespace

SimulatedLink::SimulatedLink(Broker& broker, std::shared_ptr<Connection> connection, Heard acked)
    : broker_(broker),
      connection_(std::move(connection)),
      acked_(std::move(acked)),
      last_read_(broker.scheduler().now()) {}

SimulatedLink::~SimulatedLink() {
  if (broker_.scheduler().current_process().killed) {
    broker_.Cut(*connection_);
  } else {
    broker_.Close(*connection_);
  }
}

absl::Status SimulatedLink::MayBreak() {
  if (connection_->open && broker_.scheduler().dice().Permille(broker_.faults().broker_link)) {
    broker_.Cut(*connection_);
  }
  return connection_->open ? absl::OkStatus() : Lost();
}

absl::Status SimulatedLink::RoundTrip() {
  Dice& dice = broker_.scheduler().dice();
  broker_.scheduler().SleepFor(dice.Between(absl::Microseconds(100), absl::Milliseconds(2)));
  return MayBreak();
}

absl::Status SimulatedLink::Declare(const amqp::Topology& topology) {
  if (absl::Status asked = RoundTrip(); !asked.ok()) return asked;
  for (const auto* exchanges : {&topology.exchanges, &topology.topic_exchanges}) {
    for (const std::string& exchange : *exchanges) {
      if (!broker_.DeclareExchange(exchange)) {
        return absl::FailedPreconditionError(absl::StrCat(exchange, " is of another type"));
      }
    }
  }
  for (const amqp::WorkQueue& queue : topology.queues) {
    if (!broker_.HasExchange(queue.source_exchange)) {
      return absl::NotFoundError(absl::StrCat("no exchange ", queue.source_exchange));
    }
    broker_.DeclareQueue(queue);
  }
  return absl::OkStatus();
}

absl::Status SimulatedLink::DeleteExchange(const std::string& name) {
  if (absl::Status asked = RoundTrip(); !asked.ok()) return asked;
  broker_.DeleteExchange(name);
  return absl::OkStatus();
}

absl::Status SimulatedLink::EnableConfirms() {
  if (absl::Status asked = RoundTrip(); !asked.ok()) return asked;
  connection_->publishes = true;
  connection_->blocked = broker_.alarm();
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> SimulatedLink::Publish(std::string_view exchange,
                                                     std::span<const amqp::Publication> messages) {
  const std::uint64_t first = next_publish_tag_;
  for (const amqp::Publication& message : messages) {
    if (absl::Status unbroken = MayBreak(); !unbroken.ok()) return unbroken;
    broker_.scheduler().Trace("publish ", message.message_id);
    broker_.Send(*connection_,
                 Publishing{.tag = next_publish_tag_++,
                            .exchange = std::string(exchange),
                            .message = std::make_shared<BrokerMessage>(ToBrokerMessage(message))});
  }
  return first;
}

absl::Status SimulatedLink::Consume(const std::string& queue, std::uint16_t prefetch_deliveries) {
  if (absl::Status asked = RoundTrip(); !asked.ok()) return asked;
  broker_.Consume(*connection_, queue, prefetch_deliveries);
  return absl::OkStatus();
}

void SimulatedLink::HearOfAcked(const amqp::Ack& ack) {
  const auto last = outstanding_.upper_bound(ack.tag);
  const auto first = ack.multiple ? outstanding_.begin() : outstanding_.find(ack.tag);
  if (first == outstanding_.end()) return;
  for (auto it = first; it != last; ++it) acked_(connection_->queue, *it->second);
  outstanding_.erase(first, last);
}

absl::Status SimulatedLink::Send(std::span<const amqp::Ack> acks) {
  for (const amqp::Ack& ack : acks) {
    broker_.scheduler().Trace("ack ", ack.tag, ack.multiple ? " and below" : "");
    HearOfAcked(ack);
    if (absl::Status unbroken = MayBreak(); !unbroken.ok()) return unbroken;
    broker_.Send(*connection_, ack);
  }
  return absl::OkStatus();
}

absl::Status SimulatedLink::Reject(std::uint64_t tag) {
  broker_.scheduler().Trace("reject ", tag);
  outstanding_.erase(tag);
  if (absl::Status unbroken = MayBreak(); !unbroken.ok()) return unbroken;
  broker_.Send(*connection_, Rejecting{tag});
  return absl::OkStatus();
}

absl::StatusOr<std::optional<amqp::Event>> SimulatedLink::Next(host::Deadline deadline,
                                                               host::Wakeup& wakeup) {
  Scheduler& scheduler = broker_.scheduler();
  const bool was_blocked = connection_->blocked;
  if (scheduler.now() - last_read_ > absl::ToChronoNanoseconds(kSilenceMax)) {
    broker_.Cut(*connection_);
  }
  if (absl::Status unbroken = MayBreak(); !unbroken.ok()) return unbroken;
  while (true) {
    last_read_ = scheduler.now();
    if (!connection_->open) return Lost();
    if (connection_->blocked != was_blocked) return std::nullopt;
    std::deque<Inbound>& inbound = connection_->inbound;
    const bool arrived = !inbound.empty() && inbound.front().arrival <= scheduler.now();
    if (arrived) {
      amqp::Event event = std::move(inbound.front().event);
      inbound.pop_front();
      if (const auto* delivery = std::get_if<amqp::Delivery>(&event)) {
        outstanding_.emplace(delivery->tag, connection_->unacked.at(delivery->tag));
      }
      return event;
    }
    if (wakeup.pending() || deadline.Passed()) {
      // Who looks without end lets others run, too.
      scheduler.WaitUntil(scheduler.now());
      return std::nullopt;
    }
    SteadyTime until = deadline.at();
    if (!inbound.empty()) until = std::min(until, inbound.front().arrival);
    // Every wakeup of a simulated process is the simulation's own.
    Signal& woken = static_cast<SimulatedWakeup&>(wakeup).signal();
    scheduler.WaitUntil(until, {&connection_->changed, &woken});
  }
}

amqp::Opener OpenerOf(Broker& broker, SimulatedLink::Heard acked) {
  return [&broker, acked = std::move(acked)](
             const amqp::LinkOptions& options) -> absl::StatusOr<std::unique_ptr<amqp::Link>> {
    Scheduler& scheduler = broker.scheduler();
    scheduler.SleepFor(scheduler.dice().Between(absl::Microseconds(200), absl::Milliseconds(3)));
    if (!broker.up()) return absl::UnavailableError("the broker is down");
    return std::make_unique<SimulatedLink>(
        broker, broker.Connect(absl::StrCat(scheduler.current_process().name, " ", options.name)),
        acked);
  };
}

}  // namespace simulation
