#ifndef PLATFORM_AMQP_DEADLINE_H_
#define PLATFORM_AMQP_DEADLINE_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace amqp {

// A moment on the steady clock: jumps of the wall clock neither cut a wait
// short nor draw it out.
class Deadline {
 public:
  static Deadline After(absl::Duration wait) {
    return Deadline(std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(wait));
  }

  // Zero once passed.
  absl::Duration Left() const {
    return std::max(absl::ZeroDuration(), absl::FromChrono(std::chrono::steady_clock::duration(
                                              at_ - std::chrono::steady_clock::now())));
  }
  bool Passed() const { return std::chrono::steady_clock::now() >= at_; }

  friend auto operator<=>(const Deadline&, const Deadline&) = default;

 private:
  explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}

  std::chrono::steady_clock::time_point at_;
};

}  // namespace amqp

#endif  // PLATFORM_AMQP_DEADLINE_H_
