#ifndef TESTS_SIMULATION_SIMULATED_HOST_H_
#define TESTS_SIMULATION_SIMULATED_HOST_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "platform/host/host.h"
#include "platform/host/wakeup.h"
#include "tests/simulation/scheduler.h"

namespace simulation {

// The machine that a simulated process runs on.
class SimulatedHost final : public host::Host {
 public:
  explicit SimulatedHost(Scheduler& scheduler) : scheduler_(scheduler) {}

  SteadyTime SteadyNow() override { return scheduler_.now(); }
  absl::Time Now() override;
  std::uint64_t RandomBits() override { return scheduler_.dice().Bits(); }
  void SleepFor(absl::Duration wait) override { scheduler_.SleepFor(wait); }
  std::unique_ptr<host::Thread> StartThread(std::function<void()> body) override;
  std::unique_ptr<host::Wakeup> NewWakeup() override;

 private:
  Scheduler& scheduler_;
};

// Its waits end by a Signal that others can wait for, too.
class SimulatedWakeup final : public host::Wakeup {
 public:
  explicit SimulatedWakeup(Scheduler& scheduler) : scheduler_(scheduler) {}

  void Notify() override;
  bool pending() const override { return notified_; }
  bool Take() override;
  void Wait(host::Deadline deadline, int socket) override;

  Signal& signal() { return signal_; }

 private:
  Scheduler& scheduler_;
  bool notified_ = false;
  Signal signal_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_SIMULATED_HOST_H_
