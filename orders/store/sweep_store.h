#ifndef ORDERS_STORE_SWEEP_STORE_H_
#define ORDERS_STORE_SWEEP_STORE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "absl/time/time.h"
#include "orders/domain/order.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"

// What the sweeper reads and notes in the table `orders`. Functions run inside the
// caller's transaction and decide nothing.
namespace orders {

// All statements of this file, to be prepared at connect.
std::vector<pg::Statement> SweepStatements();

struct SweepMoment {
  // The database's clock.
  absl::Time now;
  // When the newest order that has settled was made. Looked for among the 10,000
  // newest orders: where none of those has settled, the flow stands still.
  std::optional<absl::Time> newest_settled;
};
SweepMoment SelectSweepMoment(pg::Tx& tx);

// NEW orders that were made, or are taken to have been made, before `before`; the
// longest waiting first, at most `rows_max`. They are locked; those that another
// transaction holds, as one that settles them does, are left out.
std::vector<Order> LockNewOrdersBefore(pg::Tx& tx, absl::Time before, std::size_t rows_max);

// From when on an order is taken to have been made.
struct SweepRow {
  OrderId id;
  absl::Time sweep_time;
};
void UpdateSweepTimes(pg::Tx& tx, std::span<const SweepRow> rows);

}  // namespace orders

#endif  // ORDERS_STORE_SWEEP_STORE_H_
