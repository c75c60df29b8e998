#ifndef TESTS_SIMULATION_SCHEDULER_H_
#define TESTS_SIMULATION_SCHEDULER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "platform/host/host.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/fiber.h"

namespace simulation {

using host::SteadyTime;

class Task;

// A process: its tasks die together.
struct Process {
  std::string name;
  // Of its wall clock, against the simulation's.
  absl::Duration clock_skew;
  // As after SIGSTOP.
  SteadyTime frozen_until;
  bool killed = false;
  std::vector<Task*> tasks;
};

// A thread of a simulated process.
class Task {
 public:
  Task(Process& process, std::string name, std::function<void()> body);

  const std::string& name() const { return name_; }
  bool done() const { return state_ == State::kDone; }

 private:
  friend class ActAs;
  friend class Scheduler;
  enum class State { kReady, kWaiting, kDone };

  Process* process_;
  const std::string name_;
  State state_ = State::kReady;
  SteadyTime until_;
  Fiber fiber_;
};

// What tasks wait for. Wakes all that wait; who waits looks again at what it
// waits for.
class Signal {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void Notify();

 private:
  friend class Scheduler;
  std::vector<Task*> waiting_;
};

// Thrown where a killed process's task waits; nothing of ours catches it.
struct Killed {};

// Runs tasks one at a time on one thread, picking the next by dice, and turns the
// clock on when all wait. What happens depends on the seed alone.
class Scheduler {
 public:
  Scheduler(std::uint64_t seed, bool tracing);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  // Requires: KillAll, or no task left.
  ~Scheduler();

  // The one that runs the calling thread's tasks.
  static Scheduler& Current();

  Dice& dice() { return dice_; }
  SteadyTime now() const { return now_; }
  // Wall clock, without skew.
  absl::Time wall_now() const;
  Process& current_process() { return *current_->process_; }
  const std::string& current_task_name() const { return current_->name(); }

  Process& NewProcess(std::string name);
  // Starts a task in `process`.
  std::shared_ptr<Task> Spawn(Process& process, std::string name, std::function<void()> body);

  // Runs until `until` has passed, `done` says so, or nothing is left to do.
  void RunUntil(SteadyTime until, const std::function<bool()>& done);

  // For tasks. All but Join throw Killed in a killed process, or return at once
  // where it is unwinding already.
  void WaitUntil(SteadyTime until, std::initializer_list<Signal*> signals = {});
  void SleepFor(absl::Duration wait);
  // Is overtaken by others, if the dice say so.
  void MayDawdle();
  void Join(const Task& task);

  // Ends all of the process's tasks where they wait. Their destructors run.
  void Kill(Process& process);
  // From outside all tasks: ends them all.
  void KillAll();

  bool tracing() const { return tracing_; }
  // What happened, by kind.
  const std::map<std::string_view, std::uint64_t>& counts() const { return counts_; }
  void Count(std::string_view kind) {
    if (!ending_) ++counts_[kind];
  }
  // A step of the story, printed when tracing.
  template <typename... Parts>
  void Trace(const Parts&... parts) {
    if (!tracing_) return;
    std::ostringstream what;
    (what << ... << parts);
    Print(what.str());
  }
  // A digest of all steps: equal stories have equal digests.
  std::uint64_t digest() const { return digest_; }
  std::uint64_t steps() const { return steps_; }

 private:
  friend class ActAs;
  friend class Signal;

  void Print(const std::string& what);
  bool TurnClock(SteadyTime limit);
  void Resume(Task& task);
  void MakeReady(Task& task);
  void Park(Task& task, SteadyTime until);

  Scheduler* const outer_;
  Dice dice_;
  const bool tracing_;
  SteadyTime now_;
  std::uint64_t digest_ = 0;
  std::uint64_t steps_ = 0;
  Task* current_ = nullptr;
  std::map<std::string_view, std::uint64_t> counts_;
  bool ending_ = false;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::shared_ptr<Task>> tasks_;
  std::vector<Task*> ready_;
  // Whom the clock wakes next.
  std::vector<Task*> due_;
  Signal task_ended_;
};

// While it lives, the current task acts as part of `process`: a caller inside the
// process that it calls.
class ActAs {
 public:
  explicit ActAs(Process& process);
  ActAs(const ActAs&) = delete;
  ActAs& operator=(const ActAs&) = delete;
  ~ActAs();

 private:
  Process* const before_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_SCHEDULER_H_
