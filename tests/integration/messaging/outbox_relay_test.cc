#include "platform/messaging/outbox_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "platform/observability/metrics.h"
#include "platform/pg/transaction.h"
#include "support.h"
#include "tests/integration/support/database.h"
#include "tests/integration/support/loopback_proxy.h"

namespace messaging_test {
namespace {

using messaging::OutboxMessage;
using messaging::OutboxRelay;
using messaging::OutboxRelayOptions;

constexpr char kOtherType[] = "test.events.v1.SomethingElse";

constexpr pg::Statement kHoldRows{"test_hold_rows", "SELECT event_id FROM outbox FOR UPDATE"};
constexpr pg::Statement kSelectWaiting{"test_select_waiting", R"sql(
    SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%DELETE FROM outbox%')sql"};

class OutboxRelayTest : public BrokerTest {
 protected:
  OutboxRelayOptions Options(const std::string& url) const {
    OutboxRelayOptions options;
    options.loop = FastLoop(url, "test relay");
    options.exchange = exchange_;
    options.tick = absl::Milliseconds(100);
    options.retry = absl::Milliseconds(20);
    options.handed_time_max = absl::Milliseconds(20);
    return options;
  }

  static messaging::Outbox HandingOverTo(OutboxRelay& relay) {
    return messaging::Outbox(
        [&relay](std::vector<OutboxMessage> messages) { relay.HandOver(std::move(messages)); });
  }

  std::vector<OutboxMessage> Messages(std::size_t count) const {
    std::vector<OutboxMessage> messages;
    while (messages.size() < count) messages.push_back(NewMessage(kType));
    return messages;
  }

  ~OutboxRelayTest() override { Manage("DELETE", policy_); }

  bool LimitQueueTo(int messages) {
    return Manage(
        "PUT", policy_,
        absl::StrCat(R"({"pattern":"^)", queue_,
                     R"($","apply-to":"queues","definition":{"max-length":)", messages, "}}"));
  }

  // Waits for so many, then for one more that comes after all that the relays have sent.
  void ExpectEachOnce(std::size_t messages, const std::vector<OutboxRelay*>& relays) {
    QueueReader reader(queue_);
    reader.ReadUntil(messages);
    ASSERT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
    for (OutboxRelay* relay : relays) relay->Stop();
    outbox_.Append({NewMessage(kType)});
    OutboxRelay last(outbox_.pool(), Options(BrokerUrl()));
    last.Start();
    reader.ReadUntil(messages + 1);
    for (const auto& [id, deliveries] : reader.seen()) EXPECT_EQ(deliveries, 1) << id;
  }

  Outbox outbox_{"ORDERS_DATABASE_URL"};
  const std::string policy_ = absl::StrCat("policies/%2F/", queue_);
  const observability::Counter refused_ = observability::NewCounter(
      "outbox_events_refused_total", "Events returned as unroutable, or refused",
      {{"exchange", exchange_}});
};

TEST_F(OutboxRelayTest, AnEventHandedOverGoesOutAtOnceAsTheProtocolSays) {
  Declare(QueueFor(kType));
  OutboxRelayOptions options = Options(BrokerUrl());
  options.tick = absl::Hours(1);
  OutboxRelay relay(outbox_.pool(), options);
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return relay.connected(); }));

  OutboxMessage message = NewMessage(kType);
  message.payload = std::string("\0\xff'\\", 4);
  message.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  outbox_.Append({message}, HandingOverTo(relay));

  QueueReader reader(queue_);
  reader.ReadUntil(1);
  EXPECT_EQ(reader.last().message_id, message.event_id.ToString());
  EXPECT_EQ(reader.last().correlation_id, message.correlation_id.ToString());
  EXPECT_EQ(reader.last().type, kType);
  EXPECT_EQ(reader.last().content_type, "application/x-protobuf");
  EXPECT_EQ(reader.last().trace, message.trace);
  EXPECT_EQ(reader.last().body, message.payload);
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
}

TEST_F(OutboxRelayTest, WhatGoesOutTogetherIsPackedIntoFewMessages) {
  Declare(QueueFor(kType));
  OutboxRelayOptions options = Options(BrokerUrl());
  options.batch_rows_max = 100;
  options.message_events_max = 40;
  outbox_.Append(Messages(100));
  OutboxRelay relay(outbox_.pool(), options);
  relay.Start();
  QueueReader reader(queue_);
  reader.ReadUntil(100);
  EXPECT_EQ(reader.messages(), 3u);
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
}

// The queue of a consumer that knows no batches has no binding for them.
TEST_F(OutboxRelayTest, WhatIsNotTakenTogetherGoesOutAloneForAWhile) {
  amqp::Topology topology = QueueFor(kType);
  topology.queues.front().routing_keys = {kType};
  Declare(topology);
  OutboxRelayOptions options = Options(BrokerUrl());
  options.alone_time = absl::Seconds(1);
  OutboxRelay relay(outbox_.pool(), options);
  outbox_.Append(Messages(50));
  relay.Start();
  QueueReader reader(queue_);
  reader.ReadUntil(50);
  EXPECT_EQ(reader.messages(), 50u);
  EXPECT_GE(refused_.Value(), 50) << "the events of the message that came back";

  Declare(QueueFor(kType));
  std::size_t sent = 50;
  EXPECT_TRUE(Eventually([&] {
    outbox_.Append(Messages(2));
    reader.ReadUntil(sent += 2);
    return reader.messages() < sent;
  })) << "they are never packed again";
}

TEST_F(OutboxRelayTest, RowsThatWereNotHandedOverGoOutAtTheTick) {
  Declare(QueueFor(kType));
  OutboxRelay relay(outbox_.pool(), Options(BrokerUrl()));
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return relay.connected(); }));
  outbox_.Append(Messages(1));
  QueueReader reader(queue_);
  reader.ReadUntil(1);
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
}

TEST_F(OutboxRelayTest, AnUnroutableMessageStaysAndGoesOutOnceItsQueueIsThere) {
  OutboxRelay relay(outbox_.pool(), Options(BrokerUrl()));
  relay.Start();
  outbox_.Append(Messages(3));
  ASSERT_TRUE(Eventually([&] { return refused_.Value() >= 6; }));
  EXPECT_EQ(outbox_.Count(), 3u);

  Declare(QueueFor(kType));
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
  QueueReader reader(queue_);
  reader.ReadUntil(3);
}

TEST_F(OutboxRelayTest, ATopicExchangeOfBeforeIsMadeAnewAndLosesNothing) {
  Declare({.exchanges = {}, .topic_exchanges = {exchange_}, .queues = {}});
  outbox_.Append(Messages(3));
  OutboxRelay relay(outbox_.pool(), Options(BrokerUrl()));
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return relay.connected(); }));
  EXPECT_EQ(outbox_.Count(), 3u) << "no queue is bound yet";
  Declare(QueueFor(kType));
  QueueReader reader(queue_);
  reader.ReadUntil(3);
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
}

TEST_F(OutboxRelayTest, WhatAFullQueueRefusesStillGoesOutTogether) {
  Declare(QueueFor(kType));
  ASSERT_TRUE(LimitQueueTo(1));
  OutboxRelayOptions options = Options(BrokerUrl());
  options.batch_rows_max = 10;
  OutboxRelay relay(outbox_.pool(), options);
  outbox_.Append(Messages(200));
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return refused_.Value() > 0; }));
  ASSERT_TRUE(LimitQueueTo(1000));
  QueueReader reader(queue_);
  reader.ReadUntil(200);
  EXPECT_LE(reader.messages(), 40u);
}

TEST_F(OutboxRelayTest, RefusedRowsStayWhileTheOthersFlow) {
  amqp::Topology topology = QueueFor(kType);
  topology.queues.push_back(topology.queues.front());
  topology.queues.back().name = other_queue_;
  topology.queues.back().routing_keys = {kOtherType};
  topology.queues.front().routing_keys = {kType};
  Declare(topology);
  ASSERT_TRUE(LimitQueueTo(1));
  OutboxRelayOptions options = Options(BrokerUrl());
  options.batch_rows_max = 10;
  OutboxRelay relay(outbox_.pool(), options);
  outbox_.Append(Messages(100));
  std::vector<OutboxMessage> others;
  while (others.size() < 20) others.push_back(NewMessage(kOtherType));
  outbox_.Append(others);
  relay.Start();

  QueueReader other_reader(other_queue_);
  other_reader.ReadUntil(others.size());
  EXPECT_GT(outbox_.Count(), 0u);
  ASSERT_TRUE(LimitQueueTo(1000));
  QueueReader reader(queue_);
  reader.ReadUntil(100);
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
}

TEST_F(OutboxRelayTest, ARowWhoseConfirmDoesNotComeStaysUntilOneDoes) {
  Declare(QueueFor(kType));
  support::LoopbackProxy proxy(BrokerPort());
  OutboxRelayOptions options = Options(BrokerUrlThrough(proxy.port()));
  options.confirm_timeout = absl::Milliseconds(200);
  OutboxRelay relay(outbox_.pool(), options);
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return relay.connected(); }));
  proxy.HoldReplies();
  const std::vector<OutboxMessage> messages = Messages(5);
  outbox_.Append(messages, HandingOverTo(relay));

  // The broker has them, yet nobody told the relay.
  QueueReader reader(queue_);
  reader.ReadUntil(messages.size());
  ASSERT_TRUE(Eventually([&] { return !relay.connected(); }));
  EXPECT_EQ(outbox_.Count(), messages.size());

  proxy.CutAll();
  proxy.ReleaseReplies();
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
}

TEST_F(OutboxRelayTest, TwoRelaysNeitherLoseNorDoubleARow) {
  Declare(QueueFor(kType));
  OutboxRelayOptions options = Options(BrokerUrl());
  options.batch_rows_max = 50;
  options.tick = absl::Milliseconds(1);
  options.handed_time_max = absl::ZeroDuration();
  OutboxRelay one(outbox_.pool(), options);
  OutboxRelay two(outbox_.pool(), options);
  one.Start();
  two.Start();
  for (int i = 0; i < 20; ++i) outbox_.Append(Messages(100));
  ExpectEachOnce(2000, {&one, &two});
}

TEST_F(OutboxRelayTest, AnotherRelayLeavesAloneWhatWasHandedOver) {
  Declare(QueueFor(kType));
  OutboxRelayOptions options = Options(BrokerUrl());
  options.tick = absl::Milliseconds(1);
  options.handed_time_max = absl::Minutes(1);
  OutboxRelay handed(outbox_.pool(), options);
  OutboxRelay other(outbox_.pool(), options);
  handed.Start();
  other.Start();
  ASSERT_TRUE(Eventually([&] { return handed.connected() && other.connected(); }));
  for (int i = 0; i < 20; ++i) outbox_.Append(Messages(100), HandingOverTo(handed));
  ExpectEachOnce(2000, {&handed, &other});
}

TEST_F(OutboxRelayTest, RowsThatAnotherHoldsAreSentAgainAndTheDatabaseIsNotCalledAway) {
  Declare(QueueFor(kType));
  pg::Pool holder = support::NewPool("ORDERS_DATABASE_URL", {kHoldRows, kSelectWaiting}, 2);
  // As a service has it, with a limit to waiting for locks.
  pg::Pool waiting = support::NewPool("ORDERS_DATABASE_URL", messaging::OutboxStatements());
  OutboxRelayOptions options = Options(BrokerUrl());
  // Not found in the table before it is held.
  options.handed_time_max = absl::Seconds(1);
  OutboxRelay relay(waiting, options);
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return relay.connected(); }));
  const std::vector<OutboxMessage> messages = Messages(1);
  const auto deletion_waits = [&] {
    bool waits = false;
    support::Query(holder, [&](pg::Tx& tx) { waits = !tx.Exec(kSelectWaiting).empty(); });
    return waits;
  };
  ::testing::internal::CaptureStderr();
  support::Commit(holder, [&](pg::Tx& tx) {
    outbox_.Append(messages);
    tx.Exec(kHoldRows);
    relay.HandOver(messages);
    EXPECT_TRUE(Eventually(deletion_waits));
    EXPECT_TRUE(Eventually([&] { return !deletion_waits(); }));
  });
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::Not(::testing::HasSubstr("cannot reach the database")));
  outbox_.Append(Messages(1));
  QueueReader reader(queue_);
  reader.ReadUntil(2);
  EXPECT_EQ(reader.seen().at(messages.front().event_id.ToString()), 2);
}

TEST_F(OutboxRelayTest, WhatThereIsNoRoomToHandOverIsFoundInTheTable) {
  Declare(QueueFor(kType));
  OutboxRelayOptions options = Options(BrokerUrl());
  options.handed_rows_max = 10;
  OutboxRelay relay(outbox_.pool(), options);
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return relay.connected(); }));
  outbox_.Append(Messages(11), HandingOverTo(relay));
  QueueReader reader(queue_);
  reader.ReadUntil(11);
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
}

TEST_F(OutboxRelayTest, AllRowsGoOutAlthoughTheConnectionIsCutAgainAndAgain) {
  Declare(QueueFor(kType));
  support::LoopbackProxy proxy(BrokerPort());
  OutboxRelayOptions options = Options(BrokerUrlThrough(proxy.port()));
  options.batch_rows_max = 20;
  OutboxRelay relay(outbox_.pool(), options);
  outbox_.Append(Messages(3000));
  relay.Start();
  for (std::size_t left = 3000; left > 300; left -= 300) {
    ASSERT_TRUE(Eventually([&] { return outbox_.Count() < left; }));
    proxy.CutAll();
  }
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
  QueueReader reader(queue_);
  reader.ReadUntil(3000);
}

TEST_F(OutboxRelayTest, GoesOnAfterTheBrokerClosedItsConnection) {
  Declare(QueueFor(kType));
  OutboxRelay relay(outbox_.pool(), Options(BrokerUrl()));
  relay.Start();
  ASSERT_TRUE(Eventually([&] { return relay.connected(); }));
  ASSERT_TRUE(CloseConnections());
  outbox_.Append(Messages(10), HandingOverTo(relay));
  QueueReader reader(queue_);
  reader.ReadUntil(10);
  EXPECT_TRUE(Eventually([&] { return outbox_.Count() == 0; }));
}

TEST_F(OutboxRelayTest, AMessageAppendedTwiceIsOneRow) {
  const std::vector<OutboxMessage> messages = Messages(3);
  outbox_.Append(messages);
  outbox_.Append(messages);
  EXPECT_EQ(outbox_.Count(), messages.size());
}

TEST_F(OutboxRelayTest, ARowThatCommitsAfterAYoungerOneIsNotPassedOver) {
  Declare(QueueFor(kType));
  OutboxRelay relay(outbox_.pool(), Options(BrokerUrl()));
  relay.Start();
  const OutboxMessage older = NewMessage(kType);
  QueueReader reader(queue_);
  const absl::Status committed = pg::RunAgainUntilKnown(outbox_.pool(), [&](pg::Tx& tx) {
    messaging::Outbox().Append(tx, {older});
    outbox_.Append(Messages(1));
    reader.ReadUntil(1);
    return absl::OkStatus();
  });
  ASSERT_TRUE(committed.ok()) << committed;
  reader.ReadUntil(2);
  EXPECT_TRUE(reader.seen().contains(older.event_id.ToString()));
}

TEST_F(OutboxRelayTest, StopsAtOnceWhileTheBrokerIsAway) {
  OutboxRelay relay(outbox_.pool(), Options(BrokerUrlThrough(1)));
  relay.Start();
  EXPECT_FALSE(relay.connected());
  relay.Stop();
  relay.Stop();
}

}  // namespace
}  // namespace messaging_test
