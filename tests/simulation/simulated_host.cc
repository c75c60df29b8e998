#include "tests/simulation/simulated_host.h"

#include <utility>

namespace simulation {
namespace {

class TaskThread final : public host::Thread {
 public:
  TaskThread(Scheduler& scheduler, std::shared_ptr<Task> task)
      : scheduler_(scheduler), task_(std::move(task)) {}
  ~TaskThread() override { scheduler_.Join(*task_); }

 private:
  Scheduler& scheduler_;
  const std::shared_ptr<Task> task_;
};

}  // namespace

absl::Time SimulatedHost::Now() {
  return scheduler_.wall_now() + scheduler_.current_process().clock_skew;
}

std::unique_ptr<host::Thread> SimulatedHost::StartThread(std::function<void()> body) {
  return std::make_unique<TaskThread>(
      scheduler_, scheduler_.Spawn(scheduler_.current_process(), "thread", std::move(body)));
}

std::unique_ptr<host::Wakeup> SimulatedHost::NewWakeup() {
  return std::make_unique<SimulatedWakeup>(scheduler_);
}

void SimulatedWakeup::Notify() {
  notified_ = true;
  signal_.Notify();
}

bool SimulatedWakeup::Take() { return std::exchange(notified_, false); }

void SimulatedWakeup::Wait(host::Deadline deadline, int /*socket*/) {
  if (notified_ || deadline.Passed()) return;
  scheduler_.WaitUntil(deadline.at(), {&signal_});
}

}  // namespace simulation
