#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/broker/broker.h"

namespace simulation {

std::shared_ptr<Connection> Broker::Connect(std::string name) {
  connections_.push_back(std::make_shared<Connection>());
  connections_.back()->name = std::move(name);
  return connections_.back();
}

void Broker::Cut(Connection& connection) {
  if (connection.dropped) return;
  scheduler_.Trace("link lost: ", connection.name);
  scheduler_.Count("broker links lost");
  connection.open = false;
  connection.changed.Notify();
  if (Reads(connection)) {
    const std::size_t arrives = scheduler_.dice().Below(connection.outbound.size() + 1);
    for (std::size_t i = 0; i < arrives; ++i) {
      Frame frame = std::move(connection.outbound.front());
      connection.outbound.pop_front();
      Handle(connection, std::move(frame));
    }
  }
  connection.outbound.clear();
  connection.inbound.clear();
  // Until the broker finds out, what it delivered there is held there.
  const auto held = *std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& one) { return one.get() == &connection; });
  const absl::Duration notice = scheduler_.dice().Between(
      absl::ZeroDuration(),
      scheduler_.dice().Percent(80) ? absl::Milliseconds(5) : absl::Seconds(3));
  scheduler_.Spawn(process_, "lost link", [this, held, notice] {
    scheduler_.SleepFor(notice);
    Drop(*held);
  });
}

void Broker::Close(Connection& connection) {
  if (connection.dropped) return;
  while (Reads(connection) && !connection.outbound.empty()) {
    Frame frame = std::move(connection.outbound.front());
    connection.outbound.pop_front();
    Handle(connection, std::move(frame));
  }
  connection.open = false;
  Drop(connection);
}

void Broker::Drop(Connection& connection) {
  if (std::exchange(connection.dropped, true)) return;
  const auto held = *std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& one) { return one.get() == &connection; });
  std::erase(connections_, held);
  std::vector<std::shared_ptr<BrokerMessage>> again;
  for (auto& [tag, message] : connection.unacked) again.push_back(std::move(message));
  connection.unacked.clear();
  scheduler_.dice().Shuffle(again);
  for (std::shared_ptr<BrokerMessage>& message : again) {
    ++message->delivery_count;
    scheduler_.Count("redeliveries");
    queues_[connection.queue].push_front(std::move(message));
  }
  if (up_ && !connection.queue.empty()) Deliver(connection.queue);
}

void Broker::Crash() {
  scheduler_.Trace("crash: broker");
  scheduler_.Count("broker crashes");
  up_ = false;
  while (!connections_.empty()) {
    const std::shared_ptr<Connection> connection = connections_.back();
    connection->open = false;
    connection->outbound.clear();
    connection->inbound.clear();
    connection->changed.Notify();
    Drop(*connection);
  }
  // What is not confirmed may have reached the disk, or not.
  for (auto& [name, ready] : queues_) {
    std::erase_if(ready, [&](const std::shared_ptr<BrokerMessage>& message) {
      return !message->safe && scheduler_.dice().Percent(50);
    });
  }
}

void Broker::CrashAndForget() {
  Crash();
  exchanges_.clear();
  outdated_exchanges_.clear();
  bindings_.clear();
  queues_.clear();
}

void Broker::SetAlarm(bool on) {
  scheduler_.Trace(on ? "broker in alarm" : "broker is well again");
  alarm_ = on;
  for (const std::shared_ptr<Connection>& connection : connections_) {
    if (!connection->publishes) continue;
    connection->blocked = on;
    connection->changed.Notify();
  }
  changed_.Notify();
}

}  // namespace simulation
