#include "platform/amqp/wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>

#include "platform/check/check.h"

namespace amqp {
namespace {

int PollMillis(Deadline deadline) {
  // Rounded up, so that a wait never spins through its last millisecond.
  const std::int64_t millis = absl::ToInt64Milliseconds(deadline.Left() + absl::Milliseconds(1));
  return static_cast<int>(std::min<std::int64_t>(millis, std::numeric_limits<int>::max()));
}

}  // namespace

Wakeup::Wakeup() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { CHECK(fd_ >= 0); }

Wakeup::~Wakeup() { close(fd_); }

void Wakeup::Notify() {
  if (notified_.exchange(true, std::memory_order_acq_rel)) return;
  const std::uint64_t one = 1;
  CHECK(write(fd_, &one, sizeof one) == sizeof one || errno == EAGAIN);
}

bool Wakeup::Take() {
  // The flag is the truth and is cleared first; the descriptor only ends a poll.
  const bool notified = notified_.exchange(false, std::memory_order_acq_rel);
  std::uint64_t count = 0;
  CHECK(read(fd_, &count, sizeof count) == sizeof count || errno == EAGAIN || errno == EINTR);
  return notified;
}

void Wakeup::Wait(Deadline deadline, int socket) {
  if (pending() || deadline.Passed()) return;
  std::array<pollfd, 2> fds{{{fd_, POLLIN, 0}, {socket, POLLIN, 0}}};
  CHECK(poll(fds.data(), fds.size(), PollMillis(deadline)) >= 0 || errno == EINTR);
}

}  // namespace amqp
