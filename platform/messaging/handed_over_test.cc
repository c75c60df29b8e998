#include "platform/messaging/handed_over.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/time/clock.h"

namespace messaging {
namespace {

std::vector<OutboxMessage> Messages(std::size_t count) {
  std::vector<OutboxMessage> messages(count);
  for (OutboxMessage& message : messages) message.event_id = types::Uuid::V7(absl::Now());
  return messages;
}

TEST(HandedOverTest, GivesTheOldestFirstUpToTheLimit) {
  HandedOver handed(10);
  handed.Open();
  const std::vector<OutboxMessage> messages = Messages(3);
  EXPECT_TRUE(handed.Push(messages));
  const std::vector<OutboxMessage> taken = handed.Take(2);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].event_id, messages[0].event_id);
  EXPECT_EQ(taken[1].event_id, messages[1].event_id);
  EXPECT_EQ(handed.Take(2).size(), 1u);
  EXPECT_TRUE(handed.empty());
}

TEST(HandedOverTest, TakesMessagesWholeOrNotAtAll) {
  HandedOver handed(3);
  handed.Open();
  EXPECT_TRUE(handed.Push(Messages(2)));
  EXPECT_FALSE(handed.Push(Messages(2)));
  EXPECT_TRUE(handed.Push(Messages(1)));
  EXPECT_EQ(handed.Take(10).size(), 3u);
}

TEST(HandedOverTest, KeepsNothingWhileClosed) {
  HandedOver handed(10);
  EXPECT_FALSE(handed.Push(Messages(1)));
  handed.Open();
  EXPECT_TRUE(handed.Push(Messages(1)));
  handed.Close();
  EXPECT_TRUE(handed.empty());
  EXPECT_FALSE(handed.Push(Messages(1)));
}

TEST(HandedOverTest, LeavesOutWhatWasFoundElsewhere) {
  HandedOver handed(10);
  handed.Open();
  const std::vector<OutboxMessage> messages = Messages(3);
  EXPECT_TRUE(handed.Push(messages));
  handed.Drop(std::vector{messages[1]});
  const std::vector<OutboxMessage> left = handed.Take(10);
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0].event_id, messages[0].event_id);
  EXPECT_EQ(left[1].event_id, messages[2].event_id);
}

}  // namespace
}  // namespace messaging
