#ifndef TESTS_SIMULATION_BROKER_BROKER_H_
#define TESTS_SIMULATION_BROKER_BROKER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "platform/amqp/message.h"
#include "platform/amqp/outstanding_tags.h"
#include "platform/amqp/topology.h"
#include "tests/simulation/broker/broker_message.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/scheduler.h"

namespace simulation {

// What a client sends and does not wait for.
struct Publishing {
  std::uint64_t tag;
  std::string exchange;
  std::shared_ptr<BrokerMessage> message;
};
struct Rejecting {
  std::uint64_t tag;
};
struct Frame {
  SteadyTime arrival;
  std::variant<Publishing, amqp::Ack, Rejecting> content;
};

struct Inbound {
  SteadyTime arrival;
  amqp::Event event;
};

// One connection, both ends of it.
struct Connection {
  std::string name;
  // As the client sees it; false: lost.
  bool open = true;
  bool blocked = false;
  bool publishes = false;
  // What is on its way, each way in order.
  std::deque<Frame> outbound;
  std::deque<Inbound> inbound;
  Signal changed;

  // As the broker sees it.
  bool dropped = false;
  std::string queue;
  std::size_t prefetch = 0;
  std::uint64_t last_delivery = 0;
  std::map<std::uint64_t, std::shared_ptr<BrokerMessage>> unacked;
  // Published, not yet answered for.
  struct Owed {
    std::uint64_t tag;
    bool accepted;
    std::shared_ptr<BrokerMessage> message;
  };
  std::vector<Owed> owed;
  SteadyTime confirm_at;
};

// RabbitMQ as the protocol may meet it: confirms late, grouped, out of order;
// refusals, returns; redeliveries and reorderings; alarms, lost links and crashes,
// which lose what is not confirmed yet, or do not.
class Broker {
 public:
  // `dead_lettered` hears of each message that a client rejects.
  using Heard = std::function<void(const std::string& queue, const BrokerMessage&)>;

  Broker(Scheduler& scheduler, const Faults& faults, Heard dead_lettered,
         std::function<void(std::string)> report);

  Scheduler& scheduler() { return scheduler_; }
  const Faults& faults() const { return faults_; }

  bool up() const { return up_; }
  void Crash();
  // The crash takes all that is stored along.
  void CrashAndForget();
  void Start() { up_ = true; }
  void SetAlarm(bool on);
  bool alarm() const { return alarm_; }
  // Nothing is routed to the queue, or nothing under this key, until it is declared again.
  void Unbind(const std::string& queue) { bindings_.erase(queue); }
  void Unbind(const std::string& queue, const std::string& routing_key);

  std::shared_ptr<Connection> Connect(std::string name);
  const std::vector<std::shared_ptr<Connection>>& connections() const { return connections_; }
  // Breaks the connection: of what is on its way a part arrives, the rest does not.
  void Cut(Connection& connection);
  // The client says goodbye: all that it sent arrives.
  void Close(Connection& connection);

  bool HasExchange(const std::string& name) const {
    return exchanges_.contains(name) || outdated_exchanges_.contains(name);
  }
  // False: it stands with another type.
  bool DeclareExchange(const std::string& name);
  // Its bindings go with it.
  void DeleteExchange(const std::string& name);
  // Makes one of another type, as an earlier version did.
  void OutdateExchange(const std::string& name) { outdated_exchanges_.insert(name); }
  void DeclareQueue(const amqp::WorkQueue& queue);
  void Consume(Connection& connection, const std::string& queue, std::size_t prefetch);
  void Send(Connection& connection, decltype(Frame::content) content);

  // Puts a message into a queue past all exchanges, as an operator or an old
  // volume would.
  void Inject(const std::string& queue, BrokerMessage message);

  // A message that came from a publisher and found a queue.
  struct Routed {
    std::string queue;
    std::shared_ptr<BrokerMessage> message;
  };
  // By message id.
  const std::map<std::string, Routed>& routed() const { return routed_; }
  // How often each event came from a publisher and found a queue.
  const std::map<std::string, int>& routed_events() const { return routed_events_; }

  // No message is in a work queue, at a consumer or on its way.
  bool Quiet() const;

 private:
  void Serve();
  SteadyTime NextDue() const;
  bool Reads(const Connection& connection) const;
  void Handle(Connection& connection, Frame frame);
  void Take(Connection& connection, const Publishing& publishing);
  void Settle(Connection& connection, const amqp::Ack& ack);
  void Reject(Connection& connection, std::uint64_t tag);
  void Confirm(Connection& connection);
  void ConfirmOne(Connection& connection, const Connection::Owed& owed);
  bool ConfirmTogether(Connection& connection);
  void Deliver(const std::string& queue);
  Connection* PickConsumer(const std::string& queue);
  void ToClient(Connection& connection, amqp::Event event);
  // The broker knows that the client is gone: what it held is delivered again.
  void Drop(Connection& connection);
  absl::Duration Latency();

  Scheduler& scheduler_;
  Process& process_;
  const Faults& faults_;
  const Heard dead_lettered_;
  // Of what no client may do.
  const std::function<void(std::string)> report_;
  bool up_ = true;
  bool alarm_ = false;
  std::set<std::string> exchanges_;
  std::set<std::string> outdated_exchanges_;
  std::map<std::string, std::deque<std::shared_ptr<BrokerMessage>>> queues_;
  // Queue -> exchange and routing keys.
  std::map<std::string, std::pair<std::string, std::set<std::string>>> bindings_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::map<std::string, Routed> routed_;
  std::map<std::string, int> routed_events_;
  Signal changed_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_BROKER_BROKER_H_
