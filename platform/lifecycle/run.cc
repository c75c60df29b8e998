#include "platform/lifecycle/run.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>

namespace lifecycle {
namespace {

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Ends the process unless destroyed before its time is up.
class Watchdog {
 public:
  explicit Watchdog(absl::Duration limit) : thread_([this, limit] { Watch(limit); }) {}

  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      stopped_in_time_ = true;
    }
    came_to_stop_.notify_one();
    thread_.join();
  }

 private:
  void Watch(absl::Duration limit) {
    std::unique_lock lock(mutex_);
    if (!came_to_stop_.wait_for(lock, absl::ToChronoMilliseconds(limit),
                                [this] { return stopped_in_time_; })) {
      ExitNow("stop took too long", {{"limit", absl::FormatDuration(limit)}});
    }
  }

  std::mutex mutex_;
  std::condition_variable came_to_stop_;
  bool stopped_in_time_ = false;
  std::thread thread_;  // last: runs when all the above is made
};

}  // namespace

void BlockSignals() {
  const sigset_t signals = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int RunUntilSignalled(std::span<Service* const> services, absl::Duration stop_deadline) {
  for (Service* const service : services) service->Start();
  observability::Log(observability::Level::kInfo, "started");

  const sigset_t signals = EndingSignals();
  int signal = 0;
  sigwait(&signals, &signal);

  observability::Log(observability::Level::kInfo, "stopping",
                     {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  {
    const Watchdog watchdog(stop_deadline);
    for (auto service = services.rbegin(); service != services.rend(); ++service)
      (*service)->Stop();
  }
  observability::Log(observability::Level::kInfo, "stopped");
  return EXIT_SUCCESS;
}

void ExitNow(std::string_view why, std::initializer_list<observability::Field> fields) {
  observability::Log(observability::Level::kError, why, fields);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace lifecycle
