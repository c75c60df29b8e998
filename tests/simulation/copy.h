#ifndef TESTS_SIMULATION_COPY_H_
#define TESTS_SIMULATION_COPY_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "platform/amqp/link.h"
#include "platform/failpoint/failpoint.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/services.h"
#include "tests/simulation/store/server.h"

namespace simulation {

// One copy of a service, which somebody starts again whenever it ends.
template <typename Service>
class Copy {
 public:
  Copy(Scheduler& scheduler, std::string name, Server& server, amqp::Opener open,
       const Faults& faults, absl::Duration clock_skew)
      : scheduler_(scheduler),
        name_(std::move(name)),
        database_(server),
        open_(std::move(open)),
        faults_(faults),
        clock_skew_(clock_skew) {
    scheduler_.Spawn(scheduler_.NewProcess(name_ + " supervisor"), "supervisor",
                     [this] { Supervise(); });
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  // Null while it does not run.
  Service* service() { return service_; }
  Process& process() { return *process_; }
  // Notified when it starts or ends.
  Signal& changed() { return changed_; }
  const std::string& name() const { return name_; }

  // kill -9, or SIGTERM. Returns at once.
  void Kill() { Ask(Wish::kKill); }
  void Stop() { Ask(Wish::kStop); }
  void Freeze(absl::Duration wait) {
    if (process_ == nullptr) return;
    process_->frozen_until = scheduler_.now() + absl::ToChronoNanoseconds(wait);
  }
  void SetClockSkew(absl::Duration skew) {
    clock_skew_ = skew;
    if (process_ != nullptr) process_->clock_skew = skew;
  }

 private:
  enum class Wish { kRun, kStop, kKill };

  // Kills the process that hits it, if the dice say so.
  class DeadlyFailpoint final : public failpoint::Failpoint::Action {
   public:
    DeadlyFailpoint(Copy& copy, std::string name) : copy_(copy), name_(std::move(name)) {}
    void Hit() override { copy_.OnFailpoint(name_); }

   private:
    Copy& copy_;
    const std::string name_;
  };

  void Ask(Wish wish) {
    wish_ = wish;
    changed_.Notify();
  }

  void OnFailpoint(const std::string& name) {
    scheduler_.Trace("at ", name);
    if (!scheduler_.dice().Permille(faults_.kill)) return;
    Kill();
    while (true) scheduler_.WaitUntil(SteadyTime::max());
  }

  void Supervise() {
    Dice& dice = scheduler_.dice();
    // Late, it finds that others have waited for it.
    scheduler_.SleepFor(dice.Between(
        absl::ZeroDuration(), dice.Percent(70) ? absl::Milliseconds(300) : absl::Seconds(5)));
    while (true) {
      process_ = &scheduler_.NewProcess(name_);
      process_->clock_skew = clock_skew_;
      wish_ = Wish::kRun;
      const std::shared_ptr<Task> main = scheduler_.Spawn(*process_, "main", [this] { Main(); });
      while (wish_ != Wish::kKill && !main->done()) {
        scheduler_.WaitUntil(SteadyTime::max(), {&changed_});
      }
      service_ = nullptr;
      scheduler_.Count(main->done() ? "processes stopped" : "processes killed");
      if (!main->done()) scheduler_.Kill(*process_);
      changed_.Notify();
      scheduler_.SleepFor(dice.Between(absl::Milliseconds(10), absl::Seconds(2)));
    }
  }

  // The process's main thread, as lifecycle::RunUntilSignalled.
  void Main() {
    Service service({.database = database_, .open = open_, .failpoint_at = [this](auto& name) {
                       return failpoint::Failpoint(std::make_shared<DeadlyFailpoint>(*this, name));
                     }});
    service.Start();
    service_ = &service;
    scheduler_.Trace("started");
    changed_.Notify();
    while (wish_ == Wish::kRun) scheduler_.WaitUntil(SteadyTime::max(), {&changed_});
    service_ = nullptr;
    service.Stop();
    scheduler_.Trace("stopped");
    changed_.Notify();
  }

  Scheduler& scheduler_;
  const std::string name_;
  SimulatedDatabase database_;
  const amqp::Opener open_;
  const Faults& faults_;
  absl::Duration clock_skew_;
  Process* process_ = nullptr;
  Service* service_ = nullptr;
  Wish wish_ = Wish::kRun;
  Signal changed_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_COPY_H_
