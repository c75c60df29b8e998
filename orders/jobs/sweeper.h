#ifndef ORDERS_JOBS_SWEEPER_H_
#define ORDERS_JOBS_SWEEPER_H_

#include <functional>

#include "absl/status/statusor.h"
#include "orders/jobs/sweeper_options.h"
#include "platform/lifecycle/periodic.h"
#include "platform/lifecycle/service.h"
#include "platform/messaging/outbox.h"
#include "platform/observability/metrics.h"
#include "platform/pg/database.h"

namespace orders {

// Requests the payment of overdue orders again, so that an order settles even where
// the broker lost its request or its answer.
//
// Idle:    while the broker is away, or takes nothing (SweepOrdersCommand).
// Copies:  any number; one sweeps at a time.
// Threads: one of its own, with one connection to the database.
// Stop:    finishes the pass under way, within the retry budget of transaction.h.
// Metrics: orders_swept_total.
// Source:  docs/protocol.md, "Sweeper".
class Sweeper final : public lifecycle::Service {
 public:
  // `outbox` outlives this; `broker_is_there` runs on the sweeper's thread.
  Sweeper(pg::Database& database, const SweeperOptions& options, const messaging::Outbox& outbox,
          std::function<bool()> broker_is_there);

  void Start() override { periodic_.Start(); }
  void Stop() override { periodic_.Stop(); }

 private:
  absl::StatusOr<lifecycle::Periodic::Left> Sweep();

  pg::Database& database_;
  const SweepOrdersCommand pass_;
  const messaging::Outbox& outbox_;
  const std::function<bool()> broker_is_there_;
  const observability::Counter swept_;
  // Last: its thread uses all of the above.
  lifecycle::Periodic periodic_;
};

}  // namespace orders

#endif  // ORDERS_JOBS_SWEEPER_H_
