#ifndef ORDERS_JOBS_SWEEPER_OPTIONS_H_
#define ORDERS_JOBS_SWEEPER_OPTIONS_H_

#include "absl/time/time.h"
#include "orders/app/sweep_orders.h"
#include "platform/config/environment.h"

namespace orders {

// The sweeper's knobs.
struct SweeperOptions {
  // SWEEP_INTERVAL_MS between two passes.
  absl::Duration interval;
  // SWEEP_ROWS_MAX: orders in one pass. More: sooner done after a great loss; less:
  // payments and what it has to do anyway are left in peace.
  // SWEEP_OVERTAKEN_AFTER_MS: an order NEW for longer, while newer ones settle, is
  // overdue. Shorter: a lost one settles sooner; but longer than payments takes on a
  // bad day, or what is not lost is sent twice.
  // SWEEP_WAITING_AFTER_MS: the same where no newer one has settled.
  // SWEEP_OUTBOX_AGE_MAX_MS: nothing is swept while an event waits for longer.
  SweepOrdersCommand pass;
};

// Notes in `environment` what cannot be used.
SweeperOptions ReadSweeperOptions(config::Environment& environment);

}  // namespace orders

#endif  // ORDERS_JOBS_SWEEPER_OPTIONS_H_
