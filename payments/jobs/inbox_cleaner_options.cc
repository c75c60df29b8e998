#include "payments/jobs/inbox_cleaner_options.h"

#include <cstddef>
#include <cstdint>

namespace payments {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

InboxCleanerOptions ReadInboxCleanerOptions(config::Environment& environment) {
  return {.interval = environment.Millis("INBOX_CLEAN_INTERVAL_MS", 60'000, 10, kDayMs),
          .pause = environment.Millis("INBOX_CLEAN_PAUSE_MS", 50, 1, 60'000),
          .transaction = {.keep = environment.Millis("INBOX_KEEP_MS", kDayMs, 100, 30 * kDayMs),
                          .rows_max = static_cast<std::size_t>(
                              environment.Int("INBOX_CLEAN_ROWS_MAX", 1'000, 1, 10'000))}};
}

}  // namespace payments
