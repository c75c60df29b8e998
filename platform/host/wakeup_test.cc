#include "platform/host/wakeup.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace host {
namespace {

TEST(WakeupTest, SeveralNotificationsAreTakenAtOnce) {
  const std::unique_ptr<Wakeup> wakeup = NewWakeup();
  EXPECT_FALSE(wakeup->Take());
  wakeup->Notify();
  wakeup->Notify();
  EXPECT_TRUE(wakeup->Take());
  EXPECT_FALSE(wakeup->Take());
}

TEST(WakeupTest, ANotificationEndsTheWaitLongBeforeItsDeadline) {
  const std::unique_ptr<Wakeup> wakeup = NewWakeup();
  std::thread notifier([&] { wakeup->Notify(); });
  const Deadline deadline = Deadline::After(absl::Seconds(30));
  while (!wakeup->Take() && !deadline.Passed()) wakeup->Wait(deadline);
  notifier.join();
  EXPECT_FALSE(deadline.Passed());
}

TEST(WakeupTest, NoNotificationIsLostBetweenTwoThreads) {
  constexpr int kRounds = 20000;
  const std::unique_ptr<Wakeup> ping = NewWakeup();
  const std::unique_ptr<Wakeup> pong = NewWakeup();
  const Deadline deadline = Deadline::After(absl::Seconds(30));
  const auto wait_for = [&](Wakeup& wakeup) {
    while (!wakeup.Take() && !deadline.Passed()) wakeup.Wait(deadline);
  };
  std::thread answerer([&] {
    for (int i = 0; i < kRounds; ++i) {
      wait_for(*ping);
      pong->Notify();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    ping->Notify();
    wait_for(*pong);
  }
  answerer.join();
  EXPECT_FALSE(deadline.Passed());
}

TEST(WakeupTest, WaitReturnsAtItsDeadline) {
  const std::unique_ptr<Wakeup> wakeup = NewWakeup();
  const Deadline deadline = Deadline::After(absl::Milliseconds(5));
  while (!deadline.Passed()) wakeup->Wait(deadline);
  EXPECT_FALSE(wakeup->Take());
}

}  // namespace
}  // namespace host
