#include "platform/amqp/confirm_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace amqp {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr Confirm Ack(std::uint64_t tag) {
  return {.tag = tag, .multiple = false, .accepted = true};
}
constexpr Confirm AckUpTo(std::uint64_t tag) {
  return {.tag = tag, .multiple = true, .accepted = true};
}
constexpr Confirm Nack(std::uint64_t tag) {
  return {.tag = tag, .multiple = false, .accepted = false};
}

ConfirmTracker Tracker() {
  ConfirmTracker tracker;
  tracker.Sent(7, "a");
  tracker.Sent(8, "b");
  tracker.Sent(9, "c");
  return tracker;
}

TEST(ConfirmTrackerTest, AcksInAnyOrderConfirmEachMessageOnce) {
  ConfirmTracker tracker = Tracker();
  tracker.On(Ack(9));
  tracker.On(Ack(7));
  tracker.On(Ack(9));
  EXPECT_THAT(tracker.confirmed(), ElementsAre(9, 7));
  EXPECT_EQ(tracker.outstanding(), 1u);
}

TEST(ConfirmTrackerTest, AMultipleAckConfirmsAllUpToItsTag) {
  ConfirmTracker tracker = Tracker();
  tracker.On(AckUpTo(8));
  EXPECT_THAT(tracker.confirmed(), ElementsAre(7, 8));
  EXPECT_EQ(tracker.outstanding(), 1u);
}

TEST(ConfirmTrackerTest, AMultipleAckBetweenTagsConfirmsOnlyTheLowerOnes) {
  ConfirmTracker tracker = Tracker();
  tracker.On(Ack(8));
  tracker.On(AckUpTo(8));
  EXPECT_THAT(tracker.confirmed(), ElementsAre(8, 7));
}

TEST(ConfirmTrackerTest, AReturnedMessageIsRefusedAlthoughItsAckFollows) {
  ConfirmTracker tracker = Tracker();
  tracker.On(Return{.message_id = "b"});
  tracker.On(AckUpTo(9));
  EXPECT_THAT(tracker.confirmed(), ElementsAre(7, 9));
  EXPECT_THAT(tracker.refused(), ElementsAre(8));
  EXPECT_EQ(tracker.outstanding(), 0u);
}

TEST(ConfirmTrackerTest, ANackRefusesItsMessageAlone) {
  ConfirmTracker tracker = Tracker();
  tracker.On(Nack(7));
  tracker.On(AckUpTo(9));
  EXPECT_THAT(tracker.confirmed(), ElementsAre(8, 9));
  EXPECT_THAT(tracker.refused(), ElementsAre(7));
}

TEST(ConfirmTrackerTest, AnAnswerForAnEarlierBatchChangesNothing) {
  ConfirmTracker tracker = Tracker();
  tracker.On(Ack(3));
  tracker.On(AckUpTo(6));
  tracker.On(Nack(10));
  EXPECT_THAT(tracker.confirmed(), IsEmpty());
  EXPECT_EQ(tracker.outstanding(), 3u);
}

TEST(ConfirmTrackerTest, EachTagIsResolvedByTheFirstOfRandomAnswers) {
  constexpr std::uint64_t kMessages = 50;
  std::mt19937 random(20261122);
  for (int round = 0; round < 500; ++round) {
    ConfirmTracker tracker;
    std::set<std::uint64_t> open;
    for (std::uint64_t tag = 1; tag <= kMessages; ++tag) {
      tracker.Sent(tag, std::to_string(tag));
      open.insert(tag);
    }
    std::set<std::uint64_t> returned;
    std::vector<std::uint64_t> confirmed;
    while (!open.empty()) {
      const std::uint64_t tag = 1 + random() % kMessages;
      if (random() % 10 == 0) {
        tracker.On(Return{.message_id = std::to_string(tag)});
        returned.insert(tag);
        continue;
      }
      const Confirm answer{
          .tag = tag, .multiple = random() % 8 == 0, .accepted = random() % 4 != 0};
      tracker.On(answer);
      for (std::uint64_t each = answer.multiple ? 1 : tag; each <= tag; ++each) {
        if (open.erase(each) == 1 && answer.accepted && !returned.contains(each)) {
          confirmed.push_back(each);
        }
      }
    }
    EXPECT_THAT(tracker.confirmed(), ElementsAreArray(confirmed));
    EXPECT_EQ(tracker.refused().size(), kMessages - confirmed.size());
    EXPECT_EQ(tracker.outstanding(), 0u);
  }
}

}  // namespace
}  // namespace amqp
