#include "platform/pg/watchdog.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "gtest/gtest.h"

namespace pg {
namespace {

using std::chrono::steady_clock;

// The peer that never answers is the other end of a socket pair.
class WatchdogTest : public ::testing::Test {
 protected:
  WatchdogTest() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0); }
  ~WatchdogTest() override {
    for (const int end : ends_) close(end);
  }

  std::array<int, 2> ends_{};
  Watchdog watchdog_;
};

TEST_F(WatchdogTest, EndsAWaitThatIsTooLong) {
  const SocketHandle socket(ends_[0]);
  const Watchdog::Watch watch(watchdog_, socket, steady_clock::now());
  char byte = 0;
  EXPECT_EQ(recv(ends_[0], &byte, 1, 0), 0);
}

TEST_F(WatchdogTest, LeavesAloneWhatIsInTimeOrWatchedNoMore) {
  const SocketHandle socket(ends_[0]);
  const Watchdog::Watch in_time(watchdog_, socket, steady_clock::now() + std::chrono::hours(1));
  { const Watchdog::Watch over(watchdog_, socket, steady_clock::now() + std::chrono::hours(1)); }

  // Another socket's end shows that the watchdog has looked.
  std::array<int, 2> others{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, others.data()), 0);
  const SocketHandle other(others[0]);
  const Watchdog::Watch late(watchdog_, other, steady_clock::now());
  char byte = 0;
  EXPECT_EQ(recv(others[0], &byte, 1, 0), 0);
  for (const int end : others) close(end);

  EXPECT_EQ(send(ends_[0], "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(recv(ends_[1], &byte, 1, 0), 1);
}

TEST_F(WatchdogTest, ShutsDownOnlyItsOwnSocketAfterTheOtherDescriptorIsClosed) {
  std::array<int, 2> others{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, others.data()), 0);
  const SocketHandle socket(others[0]);
  close(others[0]);
  const int reused = dup(ends_[0]);  // takes the number that came free
  ASSERT_EQ(reused, others[0]);
  socket.Shutdown();
  char byte = 0;
  EXPECT_EQ(recv(others[1], &byte, 1, 0), 0);
  EXPECT_EQ(send(reused, "x", 1, MSG_NOSIGNAL), 1);
  close(reused);
  close(others[1]);
}

}  // namespace
}  // namespace pg
