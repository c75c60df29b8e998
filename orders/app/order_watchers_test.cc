#include "orders/app/order_watchers.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orders {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class OrderWatchersTest : public ::testing::Test {
 protected:
  OrderWatchersTest() {
    watchers_.WakeWith([this] { ++wakes_; });
  }

  static Order Settled(const UserId& user) {
    Order order = NewOrder(user, Money::FromMinorUnits(1), "", absl::FromUnixSeconds(1));
    order.status = OrderStatus::kFinished;
    return order;
  }

  OrderWatchers::Ticket Watch(const UserId& user, const OrderId& id) {
    return watchers_.Add(user, id, [this](const Order& order) { told_.push_back(order.id); });
  }

  const UserId user_ = *UserId::Parse("u1");
  const UserId other_ = *UserId::Parse("u2");
  const Order one_ = Settled(user_);
  const Order two_ = Settled(user_);
  OrderWatchers watchers_;
  std::vector<OrderId> told_;
  int wakes_ = 0;
};

TEST_F(OrderWatchersTest, TellsEachWatcherOfTheOrderOnce) {
  Watch(user_, one_.id);
  Watch(user_, one_.id);
  Watch(user_, two_.id);
  watchers_.Tell(one_);
  watchers_.Tell(one_);
  EXPECT_THAT(told_, ElementsAre(one_.id, one_.id));
  EXPECT_THAT(watchers_.Watched(), ElementsAre(two_.id));
}

TEST_F(OrderWatchersTest, NobodyIsToldOfAnothersOrder) {
  Watch(other_, one_.id);
  watchers_.Tell(one_);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(OrderWatchersTest, OneWhoLeftIsNotTold) {
  const OrderWatchers::Ticket leaves = Watch(user_, one_.id);
  Watch(user_, one_.id);
  watchers_.Remove(one_.id, leaves);
  watchers_.Remove(one_.id, leaves);
  watchers_.Tell(one_);
  EXPECT_THAT(told_, ElementsAre(one_.id));
}

TEST_F(OrderWatchersTest, IsEmptyWhenTheLastHasLeftOrIsTold) {
  EXPECT_TRUE(watchers_.empty());
  const OrderWatchers::Ticket leaves = Watch(user_, one_.id);
  Watch(user_, two_.id);
  EXPECT_FALSE(watchers_.empty());
  watchers_.Remove(one_.id, leaves);
  watchers_.Tell(two_);
  EXPECT_TRUE(watchers_.empty());
}

TEST_F(OrderWatchersTest, WakesForTheFirstWatcherAndForWhatMayHaveSettled) {
  watchers_.MayHaveSettled(std::vector{one_.id});
  EXPECT_EQ(wakes_, 0);
  Watch(user_, one_.id);
  Watch(user_, two_.id);
  EXPECT_EQ(wakes_, 1);
  watchers_.MayHaveSettled(std::vector{Settled(user_).id});
  EXPECT_EQ(wakes_, 1);
  watchers_.MayHaveSettled(std::vector{one_.id});
  EXPECT_EQ(wakes_, 2);
}

TEST_F(OrderWatchersTest, HintsAreTheWatchedOnesUntilTakenOrLeft) {
  const OrderWatchers::Ticket leaves = Watch(user_, one_.id);
  Watch(user_, two_.id);
  const std::vector<OrderId> both{one_.id, two_.id, Settled(user_).id};
  watchers_.MayHaveSettled(both);
  EXPECT_THAT(watchers_.TakeHints(), UnorderedElementsAre(one_.id, two_.id));
  EXPECT_THAT(watchers_.TakeHints(), IsEmpty());
  watchers_.MayHaveSettled(both);
  watchers_.Remove(one_.id, leaves);
  EXPECT_THAT(watchers_.TakeHints(), ElementsAre(two_.id));
}

// What a stream does: its end takes its watcher away.
TEST_F(OrderWatchersTest, AWatcherMayLeaveWhileItIsTold) {
  OrderWatchers::Ticket ticket = 0;
  ticket = watchers_.Add(user_, one_.id, [&](const Order& order) {
    watchers_.Remove(order.id, ticket);
    told_.push_back(order.id);
  });
  watchers_.Tell(one_);
  EXPECT_THAT(told_, ElementsAre(one_.id));
}

}  // namespace
}  // namespace orders
