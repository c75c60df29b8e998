#include "platform/messaging/inbox_consumer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "platform/amqp/confirm_tracker.h"
#include "platform/messaging/envelope.h"
#include "platform/pg/array.h"
#include "platform/pg/transaction.h"
#include "support.h"
#include "tests/integration/support/loopback_proxy.h"

namespace messaging_test {
namespace {

using messaging::Delivery;
using messaging::Envelope;
using messaging::InboxConsumer;
using messaging::InboxConsumerOptions;
using messaging::OutboxMessage;

// Deliveries with this payload are refused by the use case, or by the database.
constexpr char kUnknown[] = "unknown";
constexpr char kIndigestible[] = "indigestible";

constexpr pg::Statement kReceive{"test_inbox_receive", R"sql(
    INSERT INTO inbox (event_id, partition_key)
    SELECT event_id, 'test' FROM unnest($1::uuid[]) AS received (event_id)
     ORDER BY event_id
        ON CONFLICT DO NOTHING
    RETURNING event_id)sql"};
constexpr pg::Statement kDivide{"test_divide", "SELECT 1 / $1::bigint"};

class InboxConsumerTest : public BrokerTest {
 protected:
  InboxConsumerTest()
      : pool_({.conninfo = Setting("PAYMENTS_DATABASE_URL"),
               .statements = {kReceive, kDivide},
               .connections_max = 2}) {}

  InboxConsumerOptions Options(const std::string& url) const {
    InboxConsumerOptions options;
    options.loop = FastLoop(url, "test consumer");
    options.own_exchange = own_exchange_;
    options.dead_letter_exchange = dead_exchange_;
    options.queue = queue_;
    options.peer_exchange = exchange_;
    options.type = kType;
    options.hold_min = absl::Milliseconds(5);
    options.hold_max = absl::Milliseconds(50);
    return options;
  }

  // Counts an event the first time that its transaction commits.
  messaging::UseCase CountNew() {
    return [this](pg::Tx& tx, std::span<const Delivery> batch) {
      pg::Array ids;
      for (const Delivery& delivery : batch) ids.Add(delivery.event_id);
      const std::size_t fresh = tx.Exec(kReceive, std::move(ids)).size();
      std::vector<absl::Status> answers;
      for (const Delivery& delivery : batch) {
        if (delivery.payload == kIndigestible) tx.Exec(kDivide, std::int64_t{0});
        answers.push_back(delivery.payload == kUnknown ? absl::NotFoundError("no such order")
                                                       : absl::OkStatus());
      }
      tx.AfterCommit([this, fresh] { applied_ += fresh; });
      delivered_ += batch.size();
      largest_batch_ = std::max(largest_batch_.load(), batch.size());
      return absl::StatusOr<std::vector<absl::Status>>(std::move(answers));
    };
  }

  void Publish(const std::vector<OutboxMessage>& messages) {
    std::vector<std::string> ids;
    for (const OutboxMessage& message : messages) ids.push_back(message.event_id.ToString());
    PublishAs(ids, messages);
  }

  void PublishAs(const std::vector<std::string>& ids, const std::vector<OutboxMessage>& messages) {
    std::vector<amqp::Publication> publications;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      publications.push_back({.message_id = ids[i],
                              .correlation_id = "",
                              .type = kType,
                              .body = messages[i].payload,
                              .trace = messages[i].trace});
    }
    PublishAll(publications);
  }

  // As one message.
  void PublishTogether(const std::vector<OutboxMessage>& messages) {
    const std::vector<Envelope> envelopes = messaging::Pack(messages, messages.size());
    ASSERT_EQ(envelopes.size(), 1u);
    PublishAll({envelopes.front().ToPublication()});
  }

  void PublishAll(const std::vector<amqp::Publication>& publications) {
    const std::unique_ptr<amqp::Link> link = OpenLink();
    ASSERT_TRUE(link->EnableConfirms().ok());
    ASSERT_TRUE(link->Publish(exchange_, publications).ok());
    amqp::ConfirmTracker tracker;
    for (std::size_t i = 0; i < publications.size(); ++i) tracker.Sent(i + 1, std::to_string(i));
    while (tracker.outstanding() > 0) {
      const auto event = link->Next(host::Deadline::After(kSoon));
      ASSERT_TRUE(event.ok() && event->has_value());
      ASSERT_TRUE(std::holds_alternative<amqp::Confirm>(**event)) << "the message was returned";
      tracker.On(std::get<amqp::Confirm>(**event));
    }
    ASSERT_TRUE(tracker.refused().empty());
  }

  std::vector<OutboxMessage> Messages(std::size_t count) const {
    std::vector<OutboxMessage> messages;
    while (messages.size() < count) messages.push_back(NewMessage(kType));
    return messages;
  }

  pg::Pool pool_;
  std::atomic<std::size_t> applied_{0};
  std::atomic<std::size_t> delivered_{0};
  std::atomic<std::size_t> largest_batch_{0};
};

TEST_F(InboxConsumerTest, ARedeliveredEventIsAppliedOnce) {
  Declare(QueueFor(kType));
  const std::vector<OutboxMessage> messages = Messages(50);
  Publish(messages);
  Publish(messages);
  InboxConsumer consumer(pool_, Options(BrokerUrl()), CountNew());
  consumer.Start();
  ASSERT_TRUE(Eventually([&] { return delivered_ == 100; }));
  consumer.Stop();
  EXPECT_EQ(applied_, 50u);
  EXPECT_GT(largest_batch_, 1u);
}

TEST_F(InboxConsumerTest, ConnectionsCutUnderLoadLoseAndDoubleNothing) {
  Declare(QueueFor(kType));
  support::LoopbackProxy proxy(BrokerPort());
  InboxConsumer consumer(pool_, Options(BrokerUrlThrough(proxy.port())), CountNew());
  consumer.Start();
  for (int i = 1; i <= 10; ++i) {
    Publish(Messages(200));
    proxy.CutAll();
  }
  EXPECT_TRUE(Eventually([&] { return applied_ == 2000; })) << applied_;
}

TEST_F(InboxConsumerTest, StopAcksWhatItCommitted) {
  Declare(QueueFor(kType));
  Publish(Messages(500));
  for (int i = 0; i < 5 && applied_ < 500; ++i) {
    InboxConsumerOptions options = Options(BrokerUrl());
    options.batch_rows_max = 20;
    InboxConsumer consumer(pool_, options, CountNew());
    const std::size_t before = applied_;
    consumer.Start();
    ASSERT_TRUE(Eventually([&] { return applied_ > before; }));
    consumer.Stop();
    EXPECT_EQ(applied_, delivered_);
  }
}

TEST_F(InboxConsumerTest, ATraceThatIsNoTraceparentIsDroppedAndItsEventApplied) {
  Declare(QueueFor(kType));
  std::vector<OutboxMessage> messages = Messages(3);
  messages[0].trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  messages[1].trace = "\xff";
  // A later version of the standard may say more; only version 00 goes on.
  messages[2].trace = "01" + messages[0].trace.substr(2) + "-" + std::string(100'000, 'x');
  Publish(messages);
  std::mutex mutex;
  std::map<std::string, std::string> traces;  // by event id
  InboxConsumer consumer(pool_, Options(BrokerUrl()),
                         [&](pg::Tx& tx, std::span<const Delivery> batch) {
                           const std::lock_guard lock(mutex);
                           for (const Delivery& delivery : batch)
                             traces[delivery.event_id.ToString()] = delivery.trace;
                           return CountNew()(tx, batch);
                         });
  consumer.Start();
  ASSERT_TRUE(Eventually([&] { return applied_ == 3; }));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(traces[messages[0].event_id.ToString()], messages[0].trace);
  EXPECT_EQ(traces[messages[1].event_id.ToString()].size(), 0u);
  EXPECT_EQ(traces[messages[2].event_id.ToString()], messages[0].trace);
}

TEST_F(InboxConsumerTest, MalformedAndUnknownEventsAreDeadLetteredAndTheOthersFlow) {
  Declare(QueueFor(kType));
  std::vector<OutboxMessage> messages = Messages(100);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    ids.push_back(i % 10 == 0 ? absl::StrCat("not a uuid ", i) : messages[i].event_id.ToString());
    if (i % 10 == 1) messages[i].payload = kUnknown;
  }
  messages[5].payload.assign((std::size_t{1} << 20) + 1, 'x');
  PublishAs(ids, messages);
  InboxConsumer consumer(pool_, Options(BrokerUrl()), CountNew());
  consumer.Start();
  QueueReader dead(queue_ + ".dlq");
  dead.ReadUntil(21);
  ASSERT_TRUE(Eventually([&] { return delivered_ == 89; }));
  consumer.Stop();
  for (const auto& [id, deliveries] : dead.seen()) EXPECT_EQ(deliveries, 1) << id;
  EXPECT_TRUE(dead.seen().contains(ids[0]));
  EXPECT_TRUE(dead.seen().contains(ids[1]));
  EXPECT_TRUE(dead.seen().contains(ids[5]));
}

TEST_F(InboxConsumerTest, AnEventThatTheDatabaseRefusesIsFoundAmongItsNeighbours) {
  Declare(QueueFor(kType));
  std::vector<OutboxMessage> messages = Messages(64);
  messages[37].payload = kIndigestible;
  Publish(messages);
  InboxConsumer consumer(pool_, Options(BrokerUrl()), CountNew());
  consumer.Start();
  QueueReader dead(queue_ + ".dlq");
  dead.ReadUntil(1);
  EXPECT_EQ(dead.last().message_id, messages[37].event_id.ToString());
  EXPECT_TRUE(Eventually([&] { return applied_ == 63; }));
}

TEST_F(InboxConsumerTest, EventsThatComeTogetherAreAppliedOnceEach) {
  Declare(QueueFor(kType));
  const std::vector<OutboxMessage> messages = Messages(50);
  PublishTogether(messages);
  PublishTogether(messages);
  Publish(messages);
  InboxConsumer consumer(pool_, Options(BrokerUrl()), CountNew());
  consumer.Start();
  ASSERT_TRUE(Eventually([&] { return delivered_ == 150; }));
  consumer.Stop();
  EXPECT_EQ(applied_, 50u);
  EXPECT_GE(largest_batch_, 50u);
}

TEST_F(InboxConsumerTest, AMessageIsDeadWithOneOfItsEventsAndTheOthersAreApplied) {
  Declare(QueueFor(kType));
  for (const char* bad : {kUnknown, kIndigestible}) {
    std::vector<OutboxMessage> messages = Messages(10);
    messages[3].payload = bad;
    PublishTogether(messages);
  }
  PublishTogether(Messages(10));
  InboxConsumer consumer(pool_, Options(BrokerUrl()), CountNew());
  consumer.Start();
  QueueReader dead(queue_ + ".dlq");
  dead.ReadUntil(20);
  consumer.Stop();
  // The unknown one is received, as its use case leaves it.
  EXPECT_EQ(applied_, 29u);
  for (const auto& [id, deliveries] : dead.seen()) EXPECT_EQ(deliveries, 1) << id;
}

// The first delivery ends with its third event; the second begins at the other end.
TEST_F(InboxConsumerTest, EventsOfASuspectAreAppliedOneByOneFromEitherEndInTurn) {
  Declare(QueueFor(kType));
  const std::vector<OutboxMessage> messages = Messages(5);
  PublishTogether(messages);
  InboxConsumerOptions options = Options(BrokerUrl());
  options.suspect_deliveries = 0;
  std::mutex mutex;
  std::vector<std::string> order;
  const messaging::UseCase count_new = CountNew();
  InboxConsumer consumer(
      pool_, options,
      [&](pg::Tx& tx,
          std::span<const Delivery> batch) -> absl::StatusOr<std::vector<absl::Status>> {
        {
          const std::lock_guard lock(mutex);
          for (const Delivery& delivery : batch) order.push_back(delivery.payload);
          if (order.size() == 3) return absl::InternalError("a fault of ours");
        }
        return count_new(tx, batch);
      });
  consumer.Start();
  ASSERT_TRUE(Eventually([&] { return delivered_ == 7; }));
  consumer.Stop();
  EXPECT_EQ(applied_, 5u);
  EXPECT_EQ(largest_batch_, 1u);
  std::vector<std::string> expected;
  for (const std::size_t i : {0, 1, 2, 4, 3, 2, 1, 0}) expected.push_back(messages[i].payload);
  EXPECT_EQ(order, expected);
}

TEST_F(InboxConsumerTest, DeliveriesAreHeldWhileTheDatabaseIsAway) {
  Declare(QueueFor(kType));
  Publish(Messages(10));
  std::atomic<int> calls{0};
  const messaging::UseCase count_new = CountNew();
  InboxConsumer consumer(
      pool_, Options(BrokerUrl()),
      [&](pg::Tx& tx,
          std::span<const Delivery> batch) -> absl::StatusOr<std::vector<absl::Status>> {
        if (++calls <= 20) return absl::UnavailableError("away");
        return count_new(tx, batch);
      });
  consumer.Start();
  ASSERT_TRUE(Eventually([&] { return applied_ == 10; }));
  EXPECT_TRUE(consumer.connected());
  EXPECT_EQ(delivered_, 10u) << "the link was given up";
}

TEST_F(InboxConsumerTest, WaitsForThePeersExchange) {
  InboxConsumer consumer(pool_, Options(BrokerUrl()), CountNew());
  consumer.Start();
  ASSERT_TRUE(Eventually([&] { return Manage("GET", absl::StrCat("queues/%2F/", queue_)); }));
  EXPECT_FALSE(consumer.connected());
  Declare({.exchanges = {exchange_}, .topic_exchanges = {}, .queues = {}});
  ASSERT_TRUE(Eventually([&] { return consumer.connected(); }));
  Publish(Messages(1));
  EXPECT_TRUE(Eventually([&] { return applied_ == 1; }));
}

TEST_F(InboxConsumerTest, RebuildsADeletedQueueAndGoesOn) {
  Declare({.exchanges = {exchange_}, .topic_exchanges = {}, .queues = {}});
  InboxConsumer consumer(pool_, Options(BrokerUrl()), CountNew());
  consumer.Start();
  for (std::size_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(Eventually([&] { return consumer.connected(); }));
    ASSERT_TRUE(Manage("DELETE", absl::StrCat("queues/%2F/", queue_)));
    ASSERT_TRUE(Eventually([&] { return Manage("GET", absl::StrCat("queues/%2F/", queue_)); }));
    Declare(QueueFor(kType));
    Publish(Messages(1));
    EXPECT_TRUE(Eventually([&] { return applied_ == round; })) << round;
  }
}

TEST_F(InboxConsumerTest, GoesOnAfterTheBrokerClosedItsConnection) {
  Declare(QueueFor(kType));
  InboxConsumer consumer(pool_, Options(BrokerUrl()), CountNew());
  consumer.Start();
  ASSERT_TRUE(Eventually([&] { return consumer.connected(); }));
  ASSERT_TRUE(CloseConnections());
  Publish(Messages(10));
  EXPECT_TRUE(Eventually([&] { return applied_ == 10; }));
}

TEST_F(InboxConsumerTest, DeclaresADeletedBindingAnew) {
  Declare({.exchanges = {exchange_}, .topic_exchanges = {}, .queues = {}});
  InboxConsumerOptions options = Options(BrokerUrl());
  options.declare_interval = absl::Milliseconds(50);
  InboxConsumer consumer(pool_, options, CountNew());
  consumer.Start();
  ASSERT_TRUE(Eventually([&] { return consumer.connected(); }));
  const std::string binding = absl::StrCat("bindings/%2F/e/", exchange_, "/q/", queue_, "/", kType);
  ASSERT_TRUE(Manage("DELETE", binding));
  ASSERT_TRUE(Eventually([&] { return Manage("GET", binding); }));
  Publish(Messages(1));
  EXPECT_TRUE(Eventually([&] { return applied_ == 1; }));
}

}  // namespace
}  // namespace messaging_test
