#ifndef PLATFORM_HOST_DEADLINE_H_
#define PLATFORM_HOST_DEADLINE_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"
#include "platform/host/host.h"

namespace host {

// A moment on the steady clock: jumps of the wall clock neither cut a wait
// short nor draw it out.
class Deadline {
 public:
  static Deadline After(absl::Duration wait) {
    return Deadline(SteadyNow() + absl::ToChronoNanoseconds(wait));
  }
  // Passes never.
  static Deadline Never() { return Deadline(SteadyTime::max()); }

  // Zero once passed.
  absl::Duration Left() const {
    return std::max(absl::ZeroDuration(),
                    absl::FromChrono(std::chrono::steady_clock::duration(at_ - SteadyNow())));
  }
  bool Passed() const { return SteadyNow() >= at_; }
  SteadyTime at() const { return at_; }

  friend auto operator<=>(const Deadline&, const Deadline&) = default;

 private:
  explicit Deadline(SteadyTime at) : at_(at) {}

  SteadyTime at_;
};

}  // namespace host

#endif  // PLATFORM_HOST_DEADLINE_H_
