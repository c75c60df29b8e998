#include "platform/messaging/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "messaging/v1/event_batch.pb.h"

namespace messaging {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kType[] = "test.events.v1.SomethingHappened";
constexpr char kTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

OutboxMessage NewMessage(std::string payload) {
  return {.event_id = types::Uuid::V7(absl::Now()),
          .type = kType,
          .correlation_id = types::Uuid::V7(absl::Now()),
          .partition_key = "somebody",
          .payload = std::move(payload),
          .trace = kTrace};
}

std::vector<OutboxMessage> NewMessages(std::size_t count) {
  std::vector<OutboxMessage> messages;
  while (messages.size() < count) messages.push_back(NewMessage(std::to_string(messages.size())));
  return messages;
}

// As the broker brings what was published.
amqp::Delivery DeliveryOf(const Envelope& envelope) {
  const amqp::Publication publication = envelope.ToPublication();
  return {.tag = 1,
          .message_id = std::string(publication.message_id),
          .correlation_id = std::string(publication.correlation_id),
          .type = std::string(publication.type),
          .content_type = "application/x-protobuf",
          .body = std::string(publication.body),
          .trace = std::string(publication.trace)};
}

amqp::Delivery BatchDelivery(const v1::EventBatch& batch) {
  amqp::Delivery delivery;
  delivery.type = kBatchType;
  delivery.body = batch.SerializeAsString();
  return delivery;
}

std::string RefusalOf(amqp::Delivery message) {
  const absl::StatusOr<std::vector<Delivery>> events = Unpack(std::move(message), kType);
  EXPECT_TRUE(absl::IsInvalidArgument(events.status())) << events.status();
  return std::string(events.status().message());
}

TEST(EnvelopeTest, WhatIsUnpackedIsWhatWasPacked) {
  for (const std::size_t count : {1, 2, 7, 8, 50}) {
    const std::vector<OutboxMessage> messages = NewMessages(count);
    std::vector<Delivery> unpacked;
    for (const Envelope& envelope : Pack(messages, 7)) {
      absl::StatusOr<std::vector<Delivery>> events = Unpack(DeliveryOf(envelope), kType);
      ASSERT_TRUE(events.ok()) << events.status();
      EXPECT_THAT(*events, SizeIs(envelope.events.size()));
      for (Delivery& event : *events) unpacked.push_back(std::move(event));
    }
    ASSERT_THAT(unpacked, SizeIs(count));
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(unpacked[i].event_id, messages[i].event_id);
      EXPECT_EQ(unpacked[i].payload, messages[i].payload);
      EXPECT_EQ(unpacked[i].trace, messages[i].trace);
    }
  }
}

TEST(EnvelopeTest, SeveralEventsAreAMessageOfTheContractsType) {
  const std::vector<OutboxMessage> messages = NewMessages(2);
  const std::vector<Envelope> envelopes = Pack(messages, 2);
  ASSERT_THAT(envelopes, SizeIs(1));
  const amqp::Publication publication = envelopes.front().ToPublication();
  EXPECT_EQ(publication.message_id, messages.front().event_id.ToString());
  EXPECT_EQ(publication.correlation_id, messages.front().correlation_id.ToString());
  EXPECT_EQ(publication.type, v1::EventBatch().GetTypeName());
  EXPECT_THAT(publication.trace, IsEmpty());
}

TEST(EnvelopeTest, AnEventAloneIsItsOwnMessage) {
  const std::vector<OutboxMessage> messages = NewMessages(1);
  const std::vector<Envelope> envelopes = Pack(messages, 100);
  ASSERT_THAT(envelopes, SizeIs(1));
  const amqp::Publication publication = envelopes.front().ToPublication();
  EXPECT_EQ(publication.message_id, messages.front().event_id.ToString());
  EXPECT_EQ(publication.correlation_id, messages.front().correlation_id.ToString());
  EXPECT_EQ(publication.type, kType);
  EXPECT_EQ(publication.body, "0");
  EXPECT_EQ(publication.trace, kTrace);
}

TEST(EnvelopeTest, HoldsAsManyEventsAsItMayAndOneTypeOnly) {
  std::vector<OutboxMessage> messages = NewMessages(10);
  messages[5].type = "test.events.v1.SomethingElse";
  std::vector<std::size_t> sizes;
  for (const Envelope& envelope : Pack(messages, 3)) sizes.push_back(envelope.events.size());
  EXPECT_THAT(sizes, testing::ElementsAre(3, 2, 1, 3, 1));
  EXPECT_THAT(Pack(messages, 1), SizeIs(10));
  EXPECT_THAT(Pack({}, 3), IsEmpty());
}

TEST(EnvelopeTest, HoldsAsManyBytesAsItMayUnlessItIsOneEvent) {
  std::vector<OutboxMessage> messages;
  for (const std::size_t bytes : {30'000, 30'000, 30'000, 100'000, 1, 1}) {
    messages.push_back(NewMessage(std::string(bytes, 'x')));
  }
  std::vector<std::size_t> sizes;
  for (const Envelope& envelope : Pack(messages, 100)) sizes.push_back(envelope.events.size());
  EXPECT_THAT(sizes, testing::ElementsAre(2, 1, 1, 2));
}

TEST(EnvelopeTest, RefusesWhatIsNeitherAnEventNorABatch) {
  amqp::Delivery delivery = DeliveryOf(Pack(NewMessages(1), 1).front());
  delivery.message_id = "1";
  EXPECT_THAT(RefusalOf(delivery), HasSubstr("message_id"));
  delivery.type = "who.knows.What";
  EXPECT_THAT(RefusalOf(delivery), HasSubstr("type"));
  delivery.cut = true;
  EXPECT_THAT(RefusalOf(delivery), HasSubstr("too long"));
  delivery.content_type = "application/json";
  EXPECT_THAT(RefusalOf(delivery), HasSubstr("content type"));
}

TEST(EnvelopeTest, RefusesBatchesThatNoPublisherMakes) {
  v1::EventBatch batch;
  EXPECT_THAT(RefusalOf(BatchDelivery(batch)), HasSubstr("unknown type"));
  batch.set_type(kType);
  EXPECT_THAT(RefusalOf(BatchDelivery(batch)), HasSubstr("without an event"));
  batch.add_events()->set_event_id("1");
  EXPECT_THAT(RefusalOf(BatchDelivery(batch)), HasSubstr("event_id"));
  while (batch.events_size() <= static_cast<int>(kEnvelopeEventsMax)) batch.add_events();
  EXPECT_THAT(RefusalOf(BatchDelivery(batch)), HasSubstr("too many"));
  amqp::Delivery garbage = BatchDelivery(batch);
  garbage.body = "?";
  EXPECT_THAT(RefusalOf(garbage), HasSubstr("no batch"));
}

TEST(EnvelopeTest, ATraceInABatchThatIsNoTraceparentIsDropped) {
  v1::EventBatch batch;
  batch.set_type(kType);
  v1::Event& event = *batch.add_events();
  event.set_event_id(types::Uuid::V7(absl::Now()).ToString());
  event.set_traceparent("00-no");
  const absl::StatusOr<std::vector<Delivery>> events = Unpack(BatchDelivery(batch), kType);
  ASSERT_TRUE(events.ok()) << events.status();
  EXPECT_THAT(events->front().trace, IsEmpty());
}

}  // namespace
}  // namespace messaging
