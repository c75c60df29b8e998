#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "platform/check/check.h"
#include "platform/host/host.h"
#include "platform/host/wakeup.h"

namespace host {
namespace {

class EventWakeup final : public Wakeup {
 public:
  EventWakeup() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { CHECK(fd_ >= 0); }
  ~EventWakeup() override { close(fd_); }
  EventWakeup(const EventWakeup&) = delete;
  EventWakeup& operator=(const EventWakeup&) = delete;

  void Notify() override {
    if (notified_.exchange(true, std::memory_order_acq_rel)) return;
    const std::uint64_t one = 1;
    CHECK(write(fd_, &one, sizeof one) == sizeof one || errno == EAGAIN);
  }

  bool pending() const override { return notified_.load(std::memory_order_acquire); }

  bool Take() override {
    // The flag is the truth and is cleared first; the descriptor only ends a poll.
    const bool notified = notified_.exchange(false, std::memory_order_acq_rel);
    std::uint64_t count = 0;
    CHECK(read(fd_, &count, sizeof count) == sizeof count || errno == EAGAIN || errno == EINTR);
    return notified;
  }

  void Wait(Deadline deadline, int socket) override {
    if (pending() || deadline.Passed()) return;
    std::array<pollfd, 2> fds{{{fd_, POLLIN, 0}, {socket, POLLIN, 0}}};
    const timespec left = absl::ToTimespec(deadline.Left());
    CHECK(ppoll(fds.data(), fds.size(), &left, nullptr) >= 0 || errno == EINTR);
  }

 private:
  const int fd_;
  std::atomic<bool> notified_{false};
};

class MachineThread final : public Thread {
 public:
  explicit MachineThread(std::function<void()> body) : thread_(std::move(body)) {}
  ~MachineThread() override { thread_.join(); }

 private:
  std::thread thread_;
};

class Machine final : public Host {
 public:
  SteadyTime SteadyNow() override { return std::chrono::steady_clock::now(); }
  absl::Time Now() override { return absl::Now(); }

  std::uint64_t RandomBits() override {
    thread_local absl::BitGen random;
    return absl::Uniform<std::uint64_t>(random);
  }

  void SleepFor(absl::Duration wait) override {
    std::this_thread::sleep_for(absl::ToChronoMicroseconds(wait));
  }

  std::unique_ptr<Thread> StartThread(std::function<void()> body) override {
    return std::make_unique<MachineThread>(std::move(body));
  }

  std::unique_ptr<Wakeup> NewWakeup() override { return std::make_unique<EventWakeup>(); }
};

Machine machine;
constinit thread_local Host* current = &machine;

}  // namespace

Substitute::Substitute(Host& host) : before_(std::exchange(current, &host)) {}
Substitute::~Substitute() { current = before_; }

SteadyTime SteadyNow() { return current->SteadyNow(); }
absl::Time Now() { return current->Now(); }
void SleepFor(absl::Duration wait) { current->SleepFor(wait); }
std::unique_ptr<Thread> StartThread(std::function<void()> body) {
  return current->StartThread(std::move(body));
}
std::unique_ptr<Wakeup> NewWakeup() { return current->NewWakeup(); }
Random::result_type Random::operator()() { return current->RandomBits(); }

}  // namespace host
