#ifndef PLATFORM_CLOCK_CLOCK_H_
#define PLATFORM_CLOCK_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

// Named in the plural because <time.h> already has a function `clock`.
namespace clocks {

// Tells the wall-clock time that ids and records carry. No lease, timeout or
// money decision depends on it.
class Clock {
 public:
  virtual ~Clock() = default;
  // Whole microseconds, as Postgres keeps them. Safe from any thread.
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override {
    return absl::FromUnixMicros(absl::GetCurrentTimeNanos() / 1000);
  }
};

}  // namespace clocks

#endif  // PLATFORM_CLOCK_CLOCK_H_
