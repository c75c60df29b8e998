#include "orders/jobs/sweeper.h"

#include <cstddef>
#include <string>
#include <utility>

#include "platform/observability/log.h"
#include "platform/pg/transaction.h"

namespace orders {

Sweeper::Sweeper(pg::Database& database, const SweeperOptions& options,
                 const messaging::Outbox& outbox, std::function<bool()> broker_is_there)
    : database_(database),
      pass_(options.pass),
      outbox_(outbox),
      broker_is_there_(std::move(broker_is_there)),
      swept_(observability::NewCounter("orders_swept_total",
                                       "Overdue orders whose payment was requested again")),
      periodic_({.name = "sweeper", .interval = options.interval}, [this] { return Sweep(); }) {}

absl::StatusOr<lifecycle::Periodic::Left> Sweeper::Sweep() {
  if (!broker_is_there_()) return lifecycle::Periodic::Left::kNothing;
  std::size_t swept = 0;
  const absl::Status end = pg::RunAgainUntilKnown(database_, [&](pg::Tx& tx) {
    swept = SweepOrders(tx, pass_, outbox_);
    return absl::OkStatus();
  });
  if (!end.ok()) return end;
  if (swept > 0) {
    swept_.Increment(static_cast<double>(swept));
    observability::Log(observability::Level::kWarning, "overdue orders: payment requested again",
                       {{"orders", std::to_string(swept)}});
  }
  // Also after a pass that met its limit: payments has to keep up.
  return lifecycle::Periodic::Left::kNothing;
}

}  // namespace orders
