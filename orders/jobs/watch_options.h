#ifndef ORDERS_JOBS_WATCH_OPTIONS_H_
#define ORDERS_JOBS_WATCH_OPTIONS_H_

#include <cstddef>

#include "absl/time/time.h"
#include "platform/config/environment.h"

namespace orders {

// The knobs of those who watch orders.
struct WatchOptions {
  // WATCHERS_MAX: watches at a time; further ones are OVERLOADED. Each costs a stream, and a
  // key in what WATCH_POLL_MS looks up.
  std::size_t watchers_max;
  // WATCH_TIMEOUT_MS: how long one watch lasts at most. Longer: clients whose order is slow to
  // settle come back less often; shorter: a place that nobody really uses comes free sooner.
  absl::Duration time_max;
  // WATCH_POLL_MS between two looks for orders that another copy has settled, while anyone
  // watches. Less: they are told sooner; more: the database is left in peace.
  absl::Duration poll_interval;
};

// Notes in `environment` what cannot be used.
WatchOptions ReadWatchOptions(config::Environment& environment);

}  // namespace orders

#endif  // ORDERS_JOBS_WATCH_OPTIONS_H_
