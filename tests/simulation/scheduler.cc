#include "tests/simulation/scheduler.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

#include "absl/strings/str_format.h"
#include "platform/check/check.h"

namespace simulation {
namespace {

thread_local Scheduler* current_scheduler = nullptr;

// When every simulation begins: an arbitrary moment, the same for all.
constexpr absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

}  // namespace

Task::Task(Process& process, std::string name, std::function<void()> body)
    : process_(&process), name_(std::move(name)), fiber_([this, body = std::move(body)] {
        if (!process_->killed) {
          try {
            body();
          } catch (const Killed&) {
          }
        }
        state_ = State::kDone;
      }) {}

void Signal::Notify() {
  // Woken tasks take themselves out when they run.
  for (Task* task : waiting_) current_scheduler->MakeReady(*task);
}

Scheduler::Scheduler(std::uint64_t seed, bool tracing)
    : outer_(std::exchange(current_scheduler, this)), dice_(seed), tracing_(tracing) {}

Scheduler::~Scheduler() { current_scheduler = outer_; }

void Scheduler::KillAll() {
  ending_ = true;
  for (const std::unique_ptr<Process>& process : processes_) {
    process->killed = true;
    for (Task* task : process->tasks) MakeReady(*task);
  }
  RunUntil(SteadyTime::max(), [] { return false; });
  CHECK(tasks_.empty());
}

Scheduler& Scheduler::Current() { return *current_scheduler; }

absl::Time Scheduler::wall_now() const {
  return kStart + absl::FromChrono(now_.time_since_epoch());
}

Process& Scheduler::NewProcess(std::string name) {
  processes_.push_back(std::make_unique<Process>());
  processes_.back()->name = std::move(name);
  return *processes_.back();
}

std::shared_ptr<Task> Scheduler::Spawn(Process& process, std::string name,
                                       std::function<void()> body) {
  tasks_.push_back(std::make_shared<Task>(process, std::move(name), std::move(body)));
  process.tasks.push_back(tasks_.back().get());
  ready_.push_back(tasks_.back().get());
  return tasks_.back();
}

void Scheduler::RunUntil(SteadyTime until, const std::function<bool()>& done) {
  CHECK(current_ == nullptr);
  while (!done()) {
    if (ready_.empty() && !TurnClock(until)) return;
    std::swap(ready_[dice_.Below(ready_.size())], ready_.back());
    Task& next = *ready_.back();
    ready_.pop_back();
    if (next.process_->frozen_until > now_) {
      next.until_ = next.process_->frozen_until;
      next.state_ = Task::State::kWaiting;
      continue;
    }
    Resume(next);
  }
}

// False: nothing waits, or not before the limit.
bool Scheduler::TurnClock(SteadyTime limit) {
  SteadyTime next = SteadyTime::max();
  due_.clear();
  for (const std::shared_ptr<Task>& task : tasks_) {
    if (task->state_ != Task::State::kWaiting || task->until_ > next) continue;
    if (task->until_ < next) due_.clear();
    next = task->until_;
    due_.push_back(task.get());
  }
  if (next == SteadyTime::max() || next > limit) return false;
  now_ = next;
  for (Task* task : due_) MakeReady(*task);
  return true;
}

void Scheduler::Resume(Task& task) {
  ++steps_;
  for (const std::uint64_t part :
       {static_cast<std::uint64_t>(now_.time_since_epoch().count()), dice_.Bits()}) {
    digest_ = (digest_ ^ part) * 0x100000001b3;
  }
  current_ = &task;
  task.fiber_.Resume();
  current_ = nullptr;
  if (!task.done()) return;
  std::erase(task.process_->tasks, &task);
  task_ended_.Notify();
  std::erase_if(tasks_, [&](const std::shared_ptr<Task>& one) { return one.get() == &task; });
}

void Scheduler::MakeReady(Task& task) {
  if (task.state_ != Task::State::kWaiting) return;
  task.state_ = Task::State::kReady;
  ready_.push_back(&task);
}

void Scheduler::Park(Task& task, SteadyTime until) {
  task.until_ = until;
  task.state_ = Task::State::kWaiting;
  if (until <= now_) MakeReady(task);
  task.fiber_.Suspend();
}

void Scheduler::WaitUntil(SteadyTime until, std::initializer_list<Signal*> signals) {
  Task& task = *current_;
  const auto end_if_killed = [&] {
    if (task.process_->killed && std::uncaught_exceptions() == 0) throw Killed{};
  };
  end_if_killed();
  if (task.process_->killed) return;
  for (Signal* signal : signals) signal->waiting_.push_back(&task);
  Park(task, until);
  for (Signal* signal : signals) std::erase(signal->waiting_, &task);
  end_if_killed();
}

void Scheduler::SleepFor(absl::Duration wait) {
  const SteadyTime until = now_ + absl::ToChronoNanoseconds(wait);
  do {
    WaitUntil(until);
  } while (now_ < until && !current_->process_->killed);
}

void Scheduler::MayDawdle() {
  if (dice_.Percent(30)) SleepFor(dice_.Between(absl::ZeroDuration(), absl::Milliseconds(2)));
}

// Not ended by a kill: what the task uses must outlive it.
void Scheduler::Join(const Task& task) {
  while (!task.done()) {
    task_ended_.waiting_.push_back(current_);
    Park(*current_, SteadyTime::max());
    std::erase(task_ended_.waiting_, current_);
  }
}

void Scheduler::Kill(Process& process) {
  Trace("killed: ", process.name);
  process.killed = true;
  for (Task* task : process.tasks) MakeReady(*task);
  while (!process.tasks.empty()) WaitUntil(SteadyTime::max(), {&task_ended_});
}

void Scheduler::Print(const std::string& what) {
  const std::string who =
      current_ == nullptr ? "" : current_->process_->name + "/" + current_->name();
  absl::FPrintF(stderr, "%12.6f %-22s %s\n",
                absl::ToDoubleSeconds(absl::FromChrono(now_.time_since_epoch())), who, what);
}

ActAs::ActAs(Process& process)
    : before_(std::exchange(Scheduler::Current().current_->process_, &process)) {}

ActAs::~ActAs() { Scheduler::Current().current_->process_ = before_; }

}  // namespace simulation
