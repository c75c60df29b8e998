#include "payments/store/payments_store.h"

#include <cstdint>
#include <utility>

#include "payments/store/column_names.h"
#include "payments/store/read_user_id.h"
#include "platform/pg/advisory_lock.h"
#include "platform/pg/array.h"

namespace payments {
namespace {

// Sorted, so that two batches with the same events wait for each other in order.
constexpr pg::Statement kInsertInbox{"payments_insert_inbox", R"sql(
    INSERT INTO inbox (event_id, partition_key)
    SELECT event_id, partition_key
      FROM unnest($1::uuid[], $2::text[]) AS arrived (event_id, partition_key)
     ORDER BY event_id
        ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id)sql"};

constexpr pg::Statement kLockInbox{"payments_lock_inbox", R"sql(
    SELECT event_id FROM inbox WHERE event_id = ANY ($1::uuid[]) ORDER BY event_id FOR UPDATE)sql"};

// Waits for no row, so that it can be part of no deadlock.
constexpr pg::Statement kDeleteInbox{"payments_delete_inbox", R"sql(
    DELETE FROM inbox
     WHERE event_id = ANY (ARRAY(
           SELECT event_id
             FROM inbox
            WHERE receive_time < now() - $1::bigint * interval '1 microsecond'
            ORDER BY receive_time
            LIMIT $2
              FOR UPDATE SKIP LOCKED)))sql"};

constexpr pg::Statement kSelectPayments{"payments_select_payments", R"sql(
    SELECT order_id, user_id, amount, decline_reason,
           )sql" PG_MICROS("create_time") R"sql(
      FROM payment_transactions
     WHERE order_id = ANY ($1::uuid[]))sql"};

}  // namespace

std::vector<pg::Statement> PaymentsStatements() {
  return {kInsertInbox, kLockInbox, kDeleteInbox, kSelectPayments, pg::kTryLock};
}

absl::flat_hash_set<types::Uuid> InsertInbox(pg::Tx& tx, std::span<const InboxRow> rows) {
  pg::Array event_ids, user_ids, wanted;
  for (const InboxRow& row : rows) {
    event_ids.Add(row.event_id);
    wanted.Add(row.event_id);
    user_ids.Add(row.user_id.ToString());
  }
  const pg::Result result = tx.Exec(kInsertInbox, std::move(event_ids), std::move(user_ids));
  absl::flat_hash_set<types::Uuid> inserted;
  for (std::size_t i = 0; i < result.size(); ++i) inserted.insert(result[i].Uuid(0));
  if (inserted.size() < rows.size()) tx.Exec(kLockInbox, std::move(wanted));
  return inserted;
}

std::size_t DeleteFromInbox(pg::Tx& tx, absl::Duration age, std::size_t rows_max) {
  return tx.Exec(kDeleteInbox, absl::ToInt64Microseconds(age), static_cast<std::int64_t>(rows_max))
      .affected_rows();
}

absl::flat_hash_map<OrderId, Payment> SelectPayments(pg::Tx& tx, std::span<const OrderId> ids) {
  pg::Array wanted;
  for (const OrderId& id : ids) wanted.Add(id.uuid());
  const pg::Result result = tx.Exec(kSelectPayments, std::move(wanted));
  absl::flat_hash_map<OrderId, Payment> payments;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const pg::Row row = result[i];
    const OrderId order_id(row.Uuid(0));
    payments.emplace(
        order_id,
        Payment{.order_id = order_id,
                .user_id = ReadUserId(row, 1),
                .amount = Money::FromMinorUnits(row.Int64(2)),
                .declined = row.IsNull(3) ? std::nullopt
                                          : std::optional(DeclineReasonFromColumn(row.Text(3))),
                .create_time = row.Time(4)});
  }
  return payments;
}

}  // namespace payments
