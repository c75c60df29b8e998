#include "orders/store/sweep_store.h"

#include <cstdint>
#include <utility>

#include "orders/store/read_order.h"
#include "platform/pg/advisory_lock.h"
#include "platform/pg/array.h"

namespace orders {
namespace {

// Ids are UUID v7. While orders settle, the walk ends at one of the first rows.
constexpr pg::Statement kSelectMoment{"orders_select_sweep_moment", R"sql(
    SELECT )sql" PG_MICROS("now()") R"sql(,
           (SELECT )sql" PG_MICROS("create_time") R"sql(
              FROM (SELECT id, status, create_time
                      FROM orders
                     ORDER BY id DESC
                     LIMIT 10000) AS newest
             WHERE status <> 'NEW'
             ORDER BY id DESC
             LIMIT 1))sql"};

// The expression is that of the index orders_sweep_idx. Nothing that is found is
// passed by, so its cost does not grow with what waits and is not due.
constexpr pg::Statement kLockNewBefore{
    "orders_lock_new_before",
    "SELECT " ORDER_COLUMNS
    " FROM orders WHERE status = 'NEW' AND coalesce(sweep_time, create_time) < $1"
    " ORDER BY coalesce(sweep_time, create_time) LIMIT $2 FOR UPDATE SKIP LOCKED"};

constexpr pg::Statement kUpdateSweepTimes{"orders_update_sweep_times", R"sql(
    UPDATE orders
       SET sweep_time = swept.sweep_time
      FROM unnest($1::uuid[], $2::timestamptz[]) AS swept (id, sweep_time)
     WHERE orders.id = swept.id)sql"};

}  // namespace

std::vector<pg::Statement> SweepStatements() {
  return {pg::kTryLock, kSelectMoment, kLockNewBefore, kUpdateSweepTimes};
}

SweepMoment SelectSweepMoment(pg::Tx& tx) {
  const pg::Result result = tx.Exec(kSelectMoment);
  const pg::Row row = result[0];
  return {.now = row.Time(0),
          .newest_settled = row.IsNull(1) ? std::nullopt : std::optional(row.Time(1))};
}

std::vector<Order> LockNewOrdersBefore(pg::Tx& tx, absl::Time before, std::size_t rows_max) {
  const pg::Result result = tx.Exec(kLockNewBefore, before, static_cast<std::int64_t>(rows_max));
  std::vector<Order> orders;
  orders.reserve(result.size());
  for (std::size_t i = 0; i < result.size(); ++i) orders.push_back(ReadOrder(result[i]));
  return orders;
}

void UpdateSweepTimes(pg::Tx& tx, std::span<const SweepRow> rows) {
  pg::Array ids, sweep_times;
  for (const SweepRow& row : rows) {
    ids.Add(row.id.uuid());
    sweep_times.Add(row.sweep_time);
  }
  tx.Exec(kUpdateSweepTimes, std::move(ids), std::move(sweep_times));
}

}  // namespace orders
