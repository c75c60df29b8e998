#ifndef ORDERS_DOMAIN_SWEEP_H_
#define ORDERS_DOMAIN_SWEEP_H_

#include <optional>

#include "absl/time/time.h"

// When the payment of an order that stays NEW is requested again, in case the
// request or its answer was lost. Asking too often changes nothing: a decided order
// is answered with its decision.
namespace orders {

struct SweepRules {
  // While newer orders settle: this one has been passed by.
  absl::Duration overtaken_after = absl::Seconds(60);
  // Whatever becomes of others: there may be none, or all wait alike.
  absl::Duration waiting_after = absl::Minutes(10);
};

// Orders that are NEW are overdue if they were made before this time.
// `newest_settled` is when the newest order that has settled was made, if any has.
absl::Time OverdueBefore(absl::Time now, const std::optional<absl::Time>& newest_settled,
                         const SweepRules& rules);

// When an order is taken to have been made once its payment has been requested again
// at `now`: as long after it as it had waited by then, so that it waits twice as long
// each time.
absl::Time TakenAsMadeAt(absl::Time create_time, absl::Time now);

}  // namespace orders

#endif  // ORDERS_DOMAIN_SWEEP_H_
