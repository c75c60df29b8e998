#include "orders/store/orders_store.h"

#include <string>

#include "orders/store/read_order.h"
#include "orders/store/status_names.h"
#include "platform/check/check.h"
#include "platform/pg/array.h"

namespace orders {
namespace {

// A key that another transaction is at work on is left out, not waited for: a caller's
// twin would hold up all that share its batch. What is left to wait for, the same id by an
// earlier run, is met in one order by all. The events' WHERE is no join, which could only be a
// nested loop (conninfo.cc): of 128 rows that took 8.6 ms in all, not 5.7.
constexpr pg::Statement kInsertOrders{"orders_insert_orders", R"sql(
    WITH inserted AS (
        INSERT INTO orders
               (id, user_id, amount, description, status, create_time, update_time,
                idempotency_key)
        SELECT id, user_id, amount, description, 'NEW', create_time, create_time, idempotency_key
          FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[],
                      $6::text[])
            AS new_order (id, user_id, amount, description, create_time, idempotency_key)
         WHERE idempotency_key IS NULL
            OR pg_try_advisory_xact_lock(hashtextextended(user_id || ' ' || idempotency_key, 0))
         ORDER BY user_id COLLATE "C", idempotency_key COLLATE "C", id
            ON CONFLICT DO NOTHING
        RETURNING id),
    requested AS ()sql" OUTBOX_INSERT("$7", "$8", "$9", "$10", "$11", "$12") R"sql(
         WHERE correlation_id = ANY (ARRAY (SELECT id FROM inserted)))
    SELECT id FROM inserted)sql"};

constexpr pg::Statement kLockOrders{"orders_lock_orders", R"sql(
    SELECT id FROM orders WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE)sql"};

// A statement of its own, so that it sees what the insert met.
constexpr pg::Statement kLockOrdersOfKeys{"orders_lock_orders_of_keys",
                                          "SELECT " ORDER_COLUMNS R"sql(
      FROM orders JOIN unnest($1::text[], $2::text[]) AS wanted (user_id, idempotency_key)
     USING (user_id, idempotency_key)
     ORDER BY id
       FOR KEY SHARE OF orders)sql"};

// COLLATE keeps off the index of NEW orders: the planner, which knows of few, would read all
// of a backlog there instead of finding the batch by its ids.
constexpr pg::Statement kSettleNewOrders{"orders_settle_new_orders", R"sql(
    UPDATE orders
       SET status = outcome, cancel_reason = reason, update_time = now()
      FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[])
        AS payment (order_id, payer, paid, outcome, reason)
     WHERE id = order_id
       AND user_id = payer
       AND amount = paid
       AND status COLLATE "C" = 'NEW')sql"};

const std::string kSettleNewOrdersReturningSql =
    std::string(kSettleNewOrders.sql) + " RETURNING " ORDER_COLUMNS;
const pg::Statement kSettleNewOrdersReturning{"orders_settle_new_orders_returning",
                                              kSettleNewOrdersReturningSql.c_str()};

constexpr pg::Statement kSelectOrderTerms{"orders_select_order_terms", R"sql(
    SELECT id, user_id, amount FROM orders WHERE id = ANY ($1::uuid[]))sql"};

constexpr pg::Statement kSelectOrder{"orders_select_order",
                                     "SELECT " ORDER_COLUMNS
                                     " FROM orders WHERE id = $1::uuid AND user_id = $2"};

constexpr pg::Statement kSelectSettledOrders{
    "orders_select_settled_orders",
    "SELECT " ORDER_COLUMNS " FROM orders WHERE id = ANY ($1::uuid[]) AND status <> 'NEW'"};

constexpr pg::Statement kSelectOrders{
    "orders_select_orders",
    "SELECT " ORDER_COLUMNS
    " FROM orders WHERE user_id = $1 AND id < $2::uuid ORDER BY id DESC LIMIT $3::int"};

constexpr pg::Statement kSelectOrdersOfStatus{
    "orders_select_orders_of_status",
    "SELECT " ORDER_COLUMNS
    " FROM orders WHERE user_id = $1 AND id < $2::uuid AND status = $4"
    " ORDER BY id DESC LIMIT $3::int"};

// After every id that can be.
constexpr const char* kAfterAllIds = "ffffffff-ffff-ffff-ffff-ffffffffffff";

std::vector<Order> ReadOrders(const pg::Result& result) {
  std::vector<Order> orders;
  orders.reserve(result.size());
  for (std::size_t i = 0; i < result.size(); ++i) orders.push_back(ReadOrder(result[i]));
  return orders;
}

absl::flat_hash_set<OrderId> ReadIds(const pg::Result& result) {
  absl::flat_hash_set<OrderId> ids;
  ids.reserve(result.size());
  for (std::size_t i = 0; i < result.size(); ++i) ids.insert(OrderId(result[i].Uuid(0)));
  return ids;
}

// Runs one of the two statements that settle.
pg::Result Settle(pg::Tx& tx, const pg::Statement& statement, std::span<const SettleRow> rows) {
  pg::Array ids, user_ids, amounts, statuses, cancel_reasons;
  for (const SettleRow& row : rows) {
    CHECK(row.settlement.status != OrderStatus::kNew);
    ids.Add(row.id.uuid());
    user_ids.Add(row.user_id.ToString());
    amounts.Add(row.amount.minor_units());
    statuses.Add(ToColumn(row.settlement.status));
    if (row.settlement.cancel_reason) {
      cancel_reasons.Add(ToColumn(*row.settlement.cancel_reason));
    } else {
      cancel_reasons.AddNull();
    }
  }
  return tx.Exec(statement, std::move(ids), std::move(user_ids), std::move(amounts),
                 std::move(statuses), std::move(cancel_reasons));
}

}  // namespace

std::vector<pg::Statement> OrdersStatements() {
  return {kInsertOrders,
          kLockOrders,
          kLockOrdersOfKeys,
          kSettleNewOrders,
          kSettleNewOrdersReturning,
          kSelectOrderTerms,
          kSelectOrder,
          kSelectSettledOrders,
          kSelectOrders,
          kSelectOrdersOfStatus};
}

absl::flat_hash_set<OrderId> InsertOrders(pg::Tx& tx, std::span<const Order> orders,
                                          std::span<const messaging::OutboxMessage> events) {
  pg::Array ids, user_ids, amounts, descriptions, create_times, keys;
  for (const Order& order : orders) {
    ids.Add(order.id.uuid());
    user_ids.Add(order.user_id.ToString());
    amounts.Add(order.amount.minor_units());
    descriptions.Add(order.description);
    create_times.Add(order.create_time);
    if (order.idempotency_key) {
      keys.Add(order.idempotency_key->ToString());
    } else {
      keys.AddNull();
    }
  }
  messaging::OutboxColumns event = messaging::ToColumns(events);
  absl::flat_hash_set<OrderId> inserted = ReadIds(
      tx.Exec(kInsertOrders, std::move(ids), std::move(user_ids), std::move(amounts),
              std::move(descriptions), std::move(create_times), std::move(keys),
              std::move(event.event_ids), std::move(event.types), std::move(event.correlation_ids),
              std::move(event.partition_keys), std::move(event.payloads), std::move(event.traces)));
  if (inserted.size() < orders.size()) {
    pg::Array there;
    for (const Order& order : orders) {
      if (!inserted.contains(order.id)) there.Add(order.id.uuid());
    }
    tx.Exec(kLockOrders, std::move(there));
  }
  return inserted;
}

absl::flat_hash_map<KeyOfUser, Order> LockOrdersOfKeys(pg::Tx& tx,
                                                       std::span<const KeyOfUser> keys) {
  pg::Array user_ids, wanted;
  for (const auto& [user_id, key] : keys) {
    user_ids.Add(user_id.ToString());
    wanted.Add(key.ToString());
  }
  const pg::Result result = tx.Exec(kLockOrdersOfKeys, std::move(user_ids), std::move(wanted));
  absl::flat_hash_map<KeyOfUser, Order> orders;
  for (std::size_t i = 0; i < result.size(); ++i) {
    Order order = ReadOrder(result[i]);
    KeyOfUser key(order.user_id, *order.idempotency_key);
    orders.emplace(std::move(key), std::move(order));
  }
  return orders;
}

std::size_t SettleNewOrders(pg::Tx& tx, std::span<const SettleRow> rows) {
  return Settle(tx, kSettleNewOrders, rows).affected_rows();
}

std::vector<Order> SettleNewOrdersReturning(pg::Tx& tx, std::span<const SettleRow> rows) {
  return ReadOrders(Settle(tx, kSettleNewOrdersReturning, rows));
}

absl::flat_hash_map<OrderId, OrderTerms> SelectOrderTerms(pg::Tx& tx,
                                                          std::span<const OrderId> ids) {
  pg::Array wanted;
  for (const OrderId& id : ids) wanted.Add(id.uuid());
  const pg::Result result = tx.Exec(kSelectOrderTerms, std::move(wanted));
  absl::flat_hash_map<OrderId, OrderTerms> terms;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const pg::Row row = result[i];
    terms.emplace(OrderId(row.Uuid(0)),
                  OrderTerms{ReadUserId(row, 1), Money::FromMinorUnits(row.Int64(2))});
  }
  return terms;
}

std::optional<Order> SelectOrder(pg::Tx& tx, const UserId& user_id, const OrderId& id) {
  const pg::Result result = tx.Exec(kSelectOrder, id.uuid(), user_id.ToString());
  if (result.empty()) return std::nullopt;
  return ReadOrder(result[0]);
}

std::vector<Order> SelectSettledOrders(pg::Tx& tx, std::span<const OrderId> ids) {
  pg::Array wanted;
  for (const OrderId& id : ids) wanted.Add(id.uuid());
  return ReadOrders(tx.Exec(kSelectSettledOrders, std::move(wanted)));
}

std::vector<Order> SelectOrders(pg::Tx& tx, const UserId& user_id,
                                const std::optional<OrderId>& before,
                                const std::optional<OrderStatus>& status, std::int32_t rows_max) {
  const std::string bound = before ? before->ToString() : kAfterAllIds;
  const std::int64_t limit = rows_max;
  const pg::Result result =
      status ? tx.Exec(kSelectOrdersOfStatus, user_id.ToString(), bound, limit, ToColumn(*status))
             : tx.Exec(kSelectOrders, user_id.ToString(), bound, limit);
  return ReadOrders(result);
}

}  // namespace orders
