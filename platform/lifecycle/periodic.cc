#include "platform/lifecycle/periodic.h"

#include <algorithm>
#include <utility>

#include "platform/host/deadline.h"
#include "platform/observability/log.h"

namespace lifecycle {

Periodic::Periodic(PeriodicOptions options, Work work)
    : options_(std::move(options)), work_(std::move(work)), backoff_(options_.interval) {}

Periodic::~Periodic() { Stop(); }

void Periodic::Start() {
  thread_ = host::StartThread([this] { RunUntilStopped(); });
}

void Periodic::Stop() {
  stopping_.store(true, std::memory_order_release);
  wakeup_->Notify();
  thread_.reset();
}

void Periodic::RunUntilStopped() {
  while (!stopping()) {
    const host::Deadline next = host::Deadline::After(RunOnce());
    while (!stopping() && !next.Passed()) wakeup_->Wait(next);
  }
}

absl::Duration Periodic::RunOnce() {
  const absl::StatusOr<Left> left = work_();
  Report(left.status());
  if (!left.ok()) {
    const absl::Duration longest = std::max(options_.interval, options_.backoff_max);
    return std::exchange(backoff_, std::min(backoff_ * 2, longest));
  }
  backoff_ = options_.interval;
  return *left == Left::kMore ? options_.pause : options_.interval;
}

void Periodic::Report(const absl::Status& status) {
  if (std::exchange(failing_, !status.ok()) == failing_) return;
  if (failing_) {
    observability::Log(observability::Level::kWarning, "periodic work fails, trying again",
                       {{"work", options_.name}, {"error", status.ToString()}});
  } else {
    observability::Log(observability::Level::kInfo, "periodic work goes on",
                       {{"work", options_.name}});
  }
}

}  // namespace lifecycle
