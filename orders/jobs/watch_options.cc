#include "orders/jobs/watch_options.h"

namespace orders {

WatchOptions ReadWatchOptions(config::Environment& environment) {
  return {
      .watchers_max = static_cast<std::size_t>(environment.Int("WATCHERS_MAX", 1'000, 1, 100'000)),
      .time_max = environment.Millis("WATCH_TIMEOUT_MS", 300'000, 100, 3'600'000),
      .poll_interval = environment.Millis("WATCH_POLL_MS", 100, 10, 60'000)};
}

}  // namespace orders
