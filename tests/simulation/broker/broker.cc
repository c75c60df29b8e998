#include "tests/simulation/broker/broker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace simulation {

Broker::Broker(Scheduler& scheduler, const Faults& faults, Heard dead_lettered,
               std::function<void(std::string)> report)
    : scheduler_(scheduler),
      process_(scheduler.NewProcess("broker")),
      faults_(faults),
      dead_lettered_(std::move(dead_lettered)),
      report_(std::move(report)) {
  scheduler_.Spawn(process_, "broker", [this] { Serve(); });
}

absl::Duration Broker::Latency() {
  return scheduler_.dice().Between(absl::Microseconds(50), absl::Milliseconds(1));
}

// Reads what arrives, and answers for what it has taken.
void Broker::Serve() {
  while (true) {
    const SteadyTime due = NextDue();
    if (due > scheduler_.now()) {
      scheduler_.WaitUntil(due, {&changed_});
      continue;
    }
    const std::vector<std::shared_ptr<Connection>> connections = connections_;
    for (const std::shared_ptr<Connection>& connection : connections) {
      while (Reads(*connection) && !connection->outbound.empty() &&
             connection->outbound.front().arrival <= scheduler_.now()) {
        Frame frame = std::move(connection->outbound.front());
        connection->outbound.pop_front();
        Handle(*connection, std::move(frame));
      }
      if (Reads(*connection) && !connection->owed.empty() &&
          connection->confirm_at <= scheduler_.now()) {
        Confirm(*connection);
      }
    }
  }
}

SteadyTime Broker::NextDue() const {
  SteadyTime due = SteadyTime::max();
  for (const std::shared_ptr<Connection>& connection : connections_) {
    if (!Reads(*connection)) continue;
    if (!connection->outbound.empty()) due = std::min(due, connection->outbound.front().arrival);
    if (!connection->owed.empty()) due = std::min(due, connection->confirm_at);
  }
  return due;
}

bool Broker::Reads(const Connection& connection) const {
  return up_ && !connection.dropped && !(alarm_ && connection.publishes);
}

void Broker::Handle(Connection& connection, Frame frame) {
  if (const auto* publishing = std::get_if<Publishing>(&frame.content)) {
    Take(connection, *publishing);
  } else if (const auto* ack = std::get_if<amqp::Ack>(&frame.content)) {
    Settle(connection, *ack);
  } else {
    Reject(connection, std::get<Rejecting>(frame.content).tag);
  }
}

void Broker::Take(Connection& connection, const Publishing& publishing) {
  const auto bound = std::find_if(bindings_.begin(), bindings_.end(), [&](const auto& one) {
    const auto& [exchange, routing_keys] = one.second;
    return exchange == publishing.exchange && routing_keys.contains(publishing.message->type);
  });
  const bool refused = scheduler_.dice().Permille(faults_.broker_nack);
  if (connection.owed.empty()) {
    connection.confirm_at = scheduler_.now() + absl::ToChronoNanoseconds(Latency());
  }
  connection.owed.push_back({publishing.tag, !refused, publishing.message});
  if (bound == bindings_.end()) {
    scheduler_.Trace("returned: ", publishing.message->id);
    scheduler_.Count("messages returned");
    return ToClient(connection, amqp::Return{.message_id = publishing.message->id});
  }
  routed_[publishing.message->id] = {bound->first, publishing.message};
  for (const BrokerEvent& event : EventsOf(*publishing.message)) {
    if (++routed_events_[event.id] > 1) scheduler_.Count("events sent again");
  }
  if (refused) scheduler_.Count("messages refused");
  // What is refused may have been taken all the same.
  if (refused && scheduler_.dice().Percent(80)) return;
  queues_[bound->first].push_back(publishing.message);
  Deliver(bound->first);
}

void Broker::Settle(Connection& connection, const amqp::Ack& ack) {
  const auto last = connection.unacked.upper_bound(ack.tag);
  const auto first = ack.multiple ? connection.unacked.begin() : connection.unacked.find(ack.tag);
  if (first == last || first == connection.unacked.end()) {
    report_(absl::StrCat(connection.name, " acked tag ", ack.tag, ", which is not outstanding"));
    return;
  }
  connection.unacked.erase(first, last);
  Deliver(connection.queue);
}

void Broker::Reject(Connection& connection, std::uint64_t tag) {
  const auto found = connection.unacked.find(tag);
  if (found == connection.unacked.end()) {
    report_(absl::StrCat(connection.name, " rejected tag ", tag, ", which is not outstanding"));
    return;
  }
  scheduler_.Count("dead letters");
  dead_lettered_(connection.queue, *found->second);
  connection.unacked.erase(found);
  Deliver(connection.queue);
}

// Answers for some of what is owed, or for all.
void Broker::Confirm(Connection& connection) {
  Dice& dice = scheduler_.dice();
  if (dice.Percent(40) && ConfirmTogether(connection)) return;
  dice.Shuffle(connection.owed);
  const std::size_t answered = 1 + dice.Below(connection.owed.size());
  for (std::size_t i = 0; i < answered; ++i) ConfirmOne(connection, connection.owed[i]);
  connection.owed.erase(connection.owed.begin(),
                        connection.owed.begin() + static_cast<std::ptrdiff_t>(answered));
  connection.confirm_at = scheduler_.now() + absl::ToChronoNanoseconds(Latency());
}

void Broker::ConfirmOne(Connection& connection, const Connection::Owed& owed) {
  owed.message->safe = owed.message->safe || owed.accepted;
  ToClient(connection,
           amqp::Confirm{.tag = owed.tag, .multiple = false, .accepted = owed.accepted});
}

// By one answer, where it is the same for all.
bool Broker::ConfirmTogether(Connection& connection) {
  const bool accepted = connection.owed.front().accepted;
  std::uint64_t last = 0;
  for (const Connection::Owed& owed : connection.owed) {
    if (owed.accepted != accepted) return false;
    last = std::max(last, owed.tag);
  }
  for (const Connection::Owed& owed : connection.owed) {
    owed.message->safe = owed.message->safe || accepted;
  }
  ToClient(connection, amqp::Confirm{.tag = last, .multiple = true, .accepted = accepted});
  connection.owed.clear();
  return true;
}

void Broker::ToClient(Connection& connection, amqp::Event event) {
  SteadyTime arrival = scheduler_.now() + absl::ToChronoNanoseconds(Latency());
  if (!connection.inbound.empty()) {
    arrival = std::max(arrival, connection.inbound.back().arrival);
  }
  connection.inbound.push_back({arrival, std::move(event)});
  connection.changed.Notify();
}

void Broker::Deliver(const std::string& queue) {
  std::deque<std::shared_ptr<BrokerMessage>>& ready = queues_[queue];
  while (!ready.empty()) {
    Connection* const consumer = PickConsumer(queue);
    if (consumer == nullptr) return;
    Dice& dice = scheduler_.dice();
    const std::size_t picked = dice.Percent(70) ? 0 : dice.Below(ready.size());
    std::shared_ptr<BrokerMessage> message = std::move(ready[picked]);
    ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(picked));
    const std::uint64_t tag = ++consumer->last_delivery;
    ToClient(*consumer, amqp::Delivery{.tag = tag,
                                       .message_id = message->id,
                                       .correlation_id = message->correlation_id,
                                       .type = message->type,
                                       .content_type = "application/x-protobuf",
                                       .body = message->body,
                                       .trace = message->trace,
                                       .delivery_count = message->delivery_count,
                                       .cut = false});
    consumer->unacked.emplace(tag, std::move(message));
  }
}

Connection* Broker::PickConsumer(const std::string& queue) {
  std::vector<Connection*> free;
  for (const std::shared_ptr<Connection>& connection : connections_) {
    if (connection->dropped || connection->queue != queue) continue;
    if (connection->unacked.size() < connection->prefetch) free.push_back(connection.get());
  }
  return free.empty() ? nullptr : scheduler_.dice().Pick(free);
}

void Broker::Send(Connection& connection, decltype(Frame::content) content) {
  SteadyTime arrival = scheduler_.now() + absl::ToChronoNanoseconds(Latency());
  if (!connection.outbound.empty()) {
    arrival = std::max(arrival, connection.outbound.back().arrival);
  }
  connection.outbound.push_back({arrival, std::move(content)});
  changed_.Notify();
}

bool Broker::DeclareExchange(const std::string& name) {
  if (outdated_exchanges_.contains(name)) return false;
  exchanges_.insert(name);
  return true;
}

void Broker::DeleteExchange(const std::string& name) {
  exchanges_.erase(name);
  outdated_exchanges_.erase(name);
  std::erase_if(bindings_, [&](const auto& one) { return one.second.first == name; });
}

void Broker::Unbind(const std::string& queue, const std::string& routing_key) {
  const auto bound = bindings_.find(queue);
  if (bound != bindings_.end()) bound->second.second.erase(routing_key);
}

void Broker::DeclareQueue(const amqp::WorkQueue& queue) {
  queues_[queue.name];
  bindings_[queue.name] = {queue.source_exchange,
                           {queue.routing_keys.begin(), queue.routing_keys.end()}};
}

void Broker::Consume(Connection& connection, const std::string& queue, std::size_t prefetch) {
  connection.queue = queue;
  connection.prefetch = prefetch;
  Deliver(queue);
}

void Broker::Inject(const std::string& queue, BrokerMessage message) {
  message.safe = true;
  queues_[queue].push_back(std::make_shared<BrokerMessage>(std::move(message)));
  if (up_) Deliver(queue);
}

bool Broker::Quiet() const {
  return std::all_of(queues_.begin(), queues_.end(),
                     [](const auto& queue) { return queue.second.empty(); }) &&
         std::all_of(connections_.begin(), connections_.end(), [](const auto& connection) {
           return connection->unacked.empty() && connection->outbound.empty();
         });
}

}  // namespace simulation
