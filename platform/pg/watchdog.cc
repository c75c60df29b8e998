#include "platform/pg/watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pg {
namespace {

constexpr std::chrono::milliseconds kInterval{250};

}  // namespace

SocketHandle::SocketHandle(int socket) : descriptor_(fcntl(socket, F_DUPFD_CLOEXEC, 0)) {}

SocketHandle::~SocketHandle() {
  if (descriptor_ >= 0) close(descriptor_);
}

void SocketHandle::Shutdown() const {
  if (descriptor_ >= 0) shutdown(descriptor_, SHUT_RDWR);
}

Watchdog::Watchdog() : thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stop_asked_.notify_one();
  thread_.join();
}

void Watchdog::Run() {
  std::unique_lock lock(mutex_);
  while (!stop_asked_.wait_for(lock, kInterval, [this] { return stopped_; })) {
    const auto now = std::chrono::steady_clock::now();
    for (const Watched& watched : watched_) {
      if (watched.until <= now) watched.socket->Shutdown();
    }
  }
}

Watchdog::Watch::Watch(Watchdog& watchdog, const SocketHandle& socket,
                       std::chrono::steady_clock::time_point until)
    : watchdog_(watchdog) {
  const std::lock_guard lock(watchdog_.mutex_);
  place_ = watchdog_.watched_.insert(watchdog_.watched_.end(), {.socket = &socket, .until = until});
}

Watchdog::Watch::~Watch() {
  const std::lock_guard lock(watchdog_.mutex_);
  watchdog_.watched_.erase(place_);
}

}  // namespace pg
