#include "orders/jobs/watch_poll.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "platform/host/deadline.h"
#include "platform/host/host.h"
#include "platform/host/wakeup.h"

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
  EXPECT_TRUE(Eventually([this] { return reads_ >= 2; }));
}

// A machine on which the poll's thread runs inside Start(), and a wait is the test's turn.
class TurnHost final : public host::Host {
 public:
  explicit TurnHost(std::function<void(host::Deadline)> turn) : turn_(std::move(turn)) {}

  host::SteadyTime SteadyNow() override { return now_; }
  absl::Time Now() override { return absl::UnixEpoch(); }
  std::uint64_t RandomBits() override { return 0; }
  void SleepFor(absl::Duration) override {}
  std::unique_ptr<host::Thread> StartThread(std::function<void()> body) override {
    body();
    return nullptr;
  }
  std::unique_ptr<host::Wakeup> NewWakeup() override { return std::make_unique<Turn>(*this); }

  void Advance(absl::Duration by) { now_ += absl::ToChronoNanoseconds(by); }

 private:
  class Turn final : public host::Wakeup {
   public:
    explicit Turn(TurnHost& turns) : turns_(turns) {}
    void Notify() override { notified_ = true; }
    bool pending() const override { return notified_; }
    bool Take() override { return std::exchange(notified_, false); }
    void Wait(host::Deadline deadline, int) override { turns_.turn_(deadline); }

   private:
    TurnHost& turns_;
    bool notified_ = false;
  };

  const std::function<void(host::Deadline)> turn_;
  host::SteadyTime now_{};
};

TEST_F(WatchPollTest, AsksOnceEachIntervalWhileAnyoneWatchesAndElseNothing) {
  const Order order = NewOne();
  std::vector<std::pair<host::Deadline, int>> waits;  // and how often it had asked before
  std::optional<WatchPoll> poll;
  TurnHost turns([&](host::Deadline deadline) {
    waits.emplace_back(deadline, reads_);
    switch (waits.size()) {
      case 1:
        return Watch(order);
      case 2:
        return turns.Advance(kSoon / 2);
      case 3:
        return turns.Advance(kSoon / 2);
      case 4:
        Settle(order);
        return turns.Advance(kSoon);
      default:
        return poll->Stop();
    }
  });
  const host::Substitute substitute(turns);
  const auto after = [start = turns.SteadyNow()](absl::Duration wait) {
    return start + absl::ToChronoNanoseconds(wait);
  };
  poll.emplace([this](std::span<const OrderId> ids) { return Read(ids); }, watchers_, kSoon);
  poll->Start();

  const host::Deadline never = host::Deadline::Never();
  ASSERT_EQ(waits.size(), 5U);
  EXPECT_EQ(waits[0], std::pair(never, 0));
  for (const int wait : {1, 2}) {
    EXPECT_EQ(waits[wait].first.at(), after(kSoon));
    EXPECT_EQ(waits[wait].second, 0);
  }
  EXPECT_EQ(waits[3].first.at(), after(2 * kSoon));
  EXPECT_EQ(waits[3].second, 1);
  EXPECT_EQ(waits[4], std::pair(never, 2));
  EXPECT_EQ(told_, std::vector{order.id});
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
