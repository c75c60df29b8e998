#ifndef TESTS_INTEGRATION_MESSAGING_SUPPORT_H_
#define TESTS_INTEGRATION_MESSAGING_SUPPORT_H_

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "platform/amqp/link.h"
#include "platform/host/deadline.h"
#include "platform/messaging/link_loop.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/pool.h"
#include "platform/types/uuid.h"

namespace messaging_test {

// Of the tests' events.
inline constexpr char kType[] = "test.events.v1.SomethingHappened";

// How long a test waits for what must come.
inline constexpr absl::Duration kSoon = absl::Seconds(20);

// A setting of the test run (tests/run.sh); aborts where it is missing.
std::string Setting(const char* name);

// Polls until `done` says so; false if that takes longer than kSoon.
bool Eventually(const std::function<bool()>& done);

// The administrator's url, or the same through another port.
std::string BrokerUrl();
std::uint16_t BrokerPort();
std::string BrokerUrlThrough(std::uint16_t port);

// A call of the broker's management API; true if it answered 2xx.
bool Manage(const std::string& method, const std::string& path, const std::string& body = "");
// The broker closes every connection of the administrator's.
bool CloseConnections();

// Fast settings for a relay or consumer under test.
messaging::LinkLoopOptions FastLoop(const std::string& url, const std::string& name);

std::unique_ptr<amqp::Link> OpenLink();

// A new event of `type`; its payload is its id.
messaging::OutboxMessage NewMessage(const std::string& type);

// The outbox of one database, emptied.
class Outbox {
 public:
  explicit Outbox(const char* database_setting);

  pg::Pool& pool() { return pool_; }
  std::size_t Count();
  bool Holds(const types::Uuid& event_id);
  void Append(const std::vector<messaging::OutboxMessage>& messages,
              const messaging::Outbox& outbox = messaging::Outbox());

 private:
  pg::Pool pool_;
};

// Takes what a queue delivers.
class QueueReader {
 public:
  explicit QueueReader(const std::string& queue);

  // Reads until `events` different ones have come, or nothing for kSoon.
  void ReadUntil(std::size_t events);
  // Deliveries by event id; of what is malformed, by message id.
  const std::map<std::string, int>& seen() const { return seen_; }
  const amqp::Delivery& last() const { return last_; }
  // How many messages they came in.
  std::size_t messages() const { return messages_; }

 private:
  std::unique_ptr<amqp::Link> link_;
  std::map<std::string, int> seen_;
  amqp::Delivery last_;
  std::size_t messages_ = 0;
};

// Names of one test's own exchanges and queues, which go with it.
class BrokerTest : public testing::Test {
 protected:
  BrokerTest();
  ~BrokerTest() override;

  amqp::Topology QueueFor(const std::string& type) const;
  void Declare(const amqp::Topology& topology);

  std::string exchange_;
  std::string own_exchange_;
  std::string dead_exchange_;
  std::string queue_;
  std::string other_queue_;
};

}  // namespace messaging_test

#endif  // TESTS_INTEGRATION_MESSAGING_SUPPORT_H_
