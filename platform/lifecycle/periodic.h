#ifndef PLATFORM_LIFECYCLE_PERIODIC_H_
#define PLATFORM_LIFECYCLE_PERIODIC_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/host/host.h"
#include "platform/host/wakeup.h"
#include "platform/lifecycle/service.h"

namespace lifecycle {

struct PeriodicOptions {
  // Names the work in the log.
  std::string name;
  // From the end of a run that left nothing to do to the start of the next.
  absl::Duration interval = absl::Seconds(1);
  // The same after a run that left more to do: room for others between two.
  absl::Duration pause = absl::Seconds(1);
  // The longest wait while runs fail, unless `interval` is longer.
  absl::Duration backoff_max = absl::Seconds(10);
};

// Runs `work` on one thread, again and again, until Stop().
//
// Pace:   the first run starts at once, the others after the waits above.
// Errors: while runs fail the waits double, from `interval` to backoff_max. Logged
//         when that begins and ends, not for each run.
// Stop:   ends a wait at once, and waits for a run under way: runs are to be short.
class Periodic final : public Service {
 public:
  // What a run left to do.
  enum class Left { kNothing, kMore };
  using Work = std::function<absl::StatusOr<Left>()>;

  Periodic(PeriodicOptions options, Work work);
  ~Periodic() override;

  void Start() override;
  void Stop() override;

 private:
  void RunUntilStopped();
  // Returns how long to wait for the next.
  absl::Duration RunOnce();
  void Report(const absl::Status& status);
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }

  const PeriodicOptions options_;
  const Work work_;
  const std::unique_ptr<host::Wakeup> wakeup_ = host::NewWakeup();
  // Of the thread alone.
  absl::Duration backoff_;
  bool failing_ = false;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<host::Thread> thread_;
};

}  // namespace lifecycle

#endif  // PLATFORM_LIFECYCLE_PERIODIC_H_
