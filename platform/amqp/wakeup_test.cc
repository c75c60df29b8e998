#include "platform/amqp/wakeup.h"

#include <gtest/gtest.h>

#include <thread>

namespace amqp {
namespace {

TEST(WakeupTest, SeveralNotificationsAreTakenAtOnce) {
  Wakeup wakeup;
  EXPECT_FALSE(wakeup.Take());
  wakeup.Notify();
  wakeup.Notify();
  EXPECT_TRUE(wakeup.Take());
  EXPECT_FALSE(wakeup.Take());
}

TEST(WakeupTest, ANotificationEndsTheWaitLongBeforeItsDeadline) {
  Wakeup wakeup;
  std::thread notifier([&] { wakeup.Notify(); });
  const Deadline deadline = Deadline::After(absl::Seconds(30));
  while (!wakeup.Take() && !deadline.Passed()) wakeup.Wait(deadline);
  notifier.join();
  EXPECT_FALSE(deadline.Passed());
}

TEST(WakeupTest, NoNotificationIsLostBetweenTwoThreads) {
  constexpr int kRounds = 20000;
  Wakeup ping;
  Wakeup pong;
  const Deadline deadline = Deadline::After(absl::Seconds(30));
  const auto wait_for = [&](Wakeup& wakeup) {
    while (!wakeup.Take() && !deadline.Passed()) wakeup.Wait(deadline);
  };
  std::thread answerer([&] {
    for (int i = 0; i < kRounds; ++i) {
      wait_for(ping);
      pong.Notify();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    ping.Notify();
    wait_for(pong);
  }
  answerer.join();
  EXPECT_FALSE(deadline.Passed());
}

TEST(WakeupTest, WaitReturnsAtItsDeadline) {
  Wakeup wakeup;
  const Deadline deadline = Deadline::After(absl::Milliseconds(5));
  while (!deadline.Passed()) wakeup.Wait(deadline);
  EXPECT_FALSE(wakeup.Take());
}

}  // namespace
}  // namespace amqp
