#ifndef PLATFORM_MESSAGING_BACKOFF_H_
#define PLATFORM_MESSAGING_BACKOFF_H_

#include <algorithm>

#include "absl/random/uniform_real_distribution.h"
#include "absl/time/time.h"
#include "platform/host/host.h"

namespace messaging {

// Waits that double from `min` to `max`, each cut by up to a half at random, so
// that several copies do not try again in step.
class Backoff {
 public:
  Backoff(absl::Duration min, absl::Duration max) : min_(min), max_(max), next_(min) {}

  absl::Duration Next() {
    host::Random random;
    const absl::Duration wait = next_ * absl::uniform_real_distribution<double>(0.5, 1.0)(random);
    next_ = std::min(next_ * 2, max_);
    return wait;
  }
  void Reset() { next_ = min_; }

 private:
  const absl::Duration min_;
  const absl::Duration max_;
  absl::Duration next_;
};

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_BACKOFF_H_
