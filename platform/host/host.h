#ifndef PLATFORM_HOST_HOST_H_
#define PLATFORM_HOST_HOST_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "absl/time/time.h"

namespace host {

class Wakeup;  // wakeup.h

using SteadyTime = std::chrono::steady_clock::time_point;

// A thread of execution. Destroying it waits for its end.
class Thread {
 public:
  virtual ~Thread() = default;
};

// What code asks of the machine that it runs on: time, chance, threads and the
// wait for one another. It is the machine itself, unless a simulation has put
// itself in its place.
class Host {
 public:
  virtual ~Host() = default;
  virtual SteadyTime SteadyNow() = 0;
  virtual absl::Time Now() = 0;
  virtual std::uint64_t RandomBits() = 0;
  virtual void SleepFor(absl::Duration wait) = 0;
  virtual std::unique_ptr<Thread> StartThread(std::function<void()> body) = 0;
  virtual std::unique_ptr<Wakeup> NewWakeup() = 0;
};

// While it lives, the calling thread asks `host` in place of the machine.
class Substitute {
 public:
  explicit Substitute(Host& host);
  Substitute(const Substitute&) = delete;
  Substitute& operator=(const Substitute&) = delete;
  ~Substitute();

 private:
  Host* const before_;
};

// Never jumps: for timeouts and waits.
SteadyTime SteadyNow();
// The wall clock: may jump, and differs from machine to machine.
absl::Time Now();
void SleepFor(absl::Duration wait);
std::unique_ptr<Thread> StartThread(std::function<void()> body);

// Unpredictable enough to spread ids and waits, not to keep a secret. A generator
// for absl::Uniform and the like; all share the state of their thread's host.
class Random {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()();
};

}  // namespace host

#endif  // PLATFORM_HOST_HOST_H_
