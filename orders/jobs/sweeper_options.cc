#include "orders/jobs/sweeper_options.h"

#include <cstddef>
#include <cstdint>

namespace orders {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

SweeperOptions ReadSweeperOptions(config::Environment& environment) {
  return {
      .interval = environment.Millis("SWEEP_INTERVAL_MS", 1'000, 10, 600'000),
      .pass = {
          .rules = {.overtaken_after =
                        environment.Millis("SWEEP_OVERTAKEN_AFTER_MS", 60'000, 100, kDayMs),
                    .waiting_after =
                        environment.Millis("SWEEP_WAITING_AFTER_MS", 600'000, 100, kDayMs)},
          .rows_max = static_cast<std::size_t>(environment.Int("SWEEP_ROWS_MAX", 500, 1, 10'000)),
          .outbox_age_max = environment.Millis("SWEEP_OUTBOX_AGE_MAX_MS", 5'000, 100, 600'000)}};
}

}  // namespace orders
