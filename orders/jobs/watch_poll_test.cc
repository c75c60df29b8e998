#include "orders/jobs/watch_poll.h"

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orders {
namespace {

// So long that a test in which only the interval helps would time out.
constexpr absl::Duration kNever = absl::Minutes(5);
constexpr absl::Duration kSoon = absl::Milliseconds(10);

// A database that holds settled orders, and counts who asks it.
class WatchPollTest : public ::testing::Test {
 protected:
  Order NewOne() const {
    return NewOrder(user_, Money::FromMinorUnits(1), "", absl::FromUnixSeconds(1));
  }

  void Settle(Order order) {
    order.status = OrderStatus::kFinished;
    const std::lock_guard lock(mutex_);
    settled_.push_back(std::move(order));
  }

  absl::StatusOr<std::vector<Order>> Read(std::span<const OrderId> ids) {
    const std::lock_guard lock(mutex_);
    ++reads_;
    changed_.notify_all();
    if (std::exchange(away_, false)) return absl::UnavailableError("away");
    std::vector<Order> found;
    for (const Order& order : settled_) {
      if (std::ranges::find(ids, order.id) != ids.end()) found.push_back(order);
    }
    return found;
  }

  void Watch(const Order& order) {
    watchers_.Add(user_, order.id, [this](const Order& settled) {
      const std::lock_guard lock(mutex_);
      told_.push_back(settled.id);
      changed_.notify_all();
    });
  }

  template <typename Condition>
  bool Eventually(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), condition);
  }

  bool IsTold(const Order& order) {
    return Eventually([&] { return std::ranges::find(told_, order.id) != told_.end(); });
  }

  WatchPoll NewPoll(absl::Duration interval) {
    return WatchPoll([this](std::span<const OrderId> ids) { return Read(ids); }, watchers_,
                     interval);
  }

  const UserId user_ = *UserId::Parse("u1");
  OrderWatchers watchers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Order> settled_;
  std::vector<OrderId> told_;
  int reads_ = 0;
  bool away_ = false;
};

TEST_F(WatchPollTest, WhatThisProcessSettledIsToldWithoutWaitingForTheInterval) {
  WatchPoll poll = NewPoll(kNever);
  poll.Start();
  const Order order = NewOne();
  Watch(order);
  Settle(order);
  watchers_.MayHaveSettled(std::vector{order.id});
  EXPECT_TRUE(IsTold(order));
}

TEST_F(WatchPollTest, WhatAnotherCopySettledIsFoundByTheNextLook) {
  WatchPoll poll = NewPoll(kSoon);
  poll.Start();
  const Order order = NewOne();
  Watch(order);
  EXPECT_TRUE(Eventually([this] { return reads_ >= 2; }));
  Settle(order);
  EXPECT_TRUE(IsTold(order));
}

TEST_F(WatchPollTest, ALookThatFailsIsDoneAgain) {
  WatchPoll poll = NewPoll(kSoon);
  const Order order = NewOne();
  Settle(order);
  away_ = true;
  Watch(order);
  poll.Start();
  EXPECT_TRUE(IsTold(order));
  EXPECT_GE(reads_, 2);
}

TEST_F(WatchPollTest, AsksNothingWhileNobodyWatches) {
  WatchPoll poll = NewPoll(kSoon);
  poll.Start();
  const Order order = NewOne();
  Settle(order);
  Watch(order);
  ASSERT_TRUE(IsTold(order));
  // A look for the one that is gone may have been under way.
  const int reads = reads_;
  watchers_.MayHaveSettled(std::vector{order.id});
  absl::SleepFor(10 * kSoon);
  EXPECT_LE(reads_, reads + 1);
}

TEST_F(WatchPollTest, AStopEndsTheWaitAtOnce) {
  WatchPoll poll = NewPoll(kNever);
  poll.Start();
  Watch(NewOne());
  const absl::Time before = absl::Now();
  poll.Stop();
  poll.Stop();
  EXPECT_LT(absl::Now() - before, kNever / 2);
}

}  // namespace
}  // namespace orders
