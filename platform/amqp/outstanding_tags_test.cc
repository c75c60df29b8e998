#include "platform/amqp/outstanding_tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace amqp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

OutstandingTags Delivered(std::uint64_t count) {
  OutstandingTags tags;
  for (std::uint64_t tag = 1; tag <= count; ++tag) tags.Delivered(tag);
  return tags;
}

TEST(OutstandingTagsTest, TheLowestTagsAreAckedTogether) {
  OutstandingTags tags = Delivered(5);
  EXPECT_THAT(tags.Settle(std::array<std::uint64_t, 3>{1, 2, 3}), ElementsAre(Ack{3, true}));
  EXPECT_EQ(tags.size(), 2u);
}

TEST(OutstandingTagsTest, NoMultipleAckReachesOverATagThatIsStillOutstanding) {
  OutstandingTags tags = Delivered(5);
  EXPECT_THAT(tags.Settle(std::array<std::uint64_t, 3>{1, 3, 4}),
              ElementsAre(Ack{1, true}, Ack{3, false}, Ack{4, false}));
  EXPECT_THAT(tags.Settle(std::array<std::uint64_t, 2>{5, 2}), ElementsAre(Ack{5, true}));
}

TEST(OutstandingTagsTest, ARejectedTagHoldsNoMultipleAckBack) {
  OutstandingTags tags = Delivered(3);
  tags.Rejected(1);
  EXPECT_THAT(tags.Settle(std::array<std::uint64_t, 1>{2}), ElementsAre(Ack{2, true}));
}

TEST(OutstandingTagsTest, NothingToSettleNeedsNoAck) {
  OutstandingTags tags = Delivered(3);
  EXPECT_THAT(tags.Settle({}), IsEmpty());
}

}  // namespace
}  // namespace amqp
