#include "orders/domain/sweep.h"

#include <algorithm>

namespace orders {

absl::Time OverdueBefore(absl::Time now, const std::optional<absl::Time>& newest_settled,
                         const SweepRules& rules) {
  const absl::Time waiting = now - rules.waiting_after;
  if (!newest_settled) return waiting;
  return std::max(waiting, std::min(now - rules.overtaken_after, *newest_settled));
}

absl::Time TakenAsMadeAt(absl::Time create_time, absl::Time now) {
  return now + (now - create_time);
}

}  // namespace orders
