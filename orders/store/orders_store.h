#ifndef ORDERS_STORE_ORDERS_STORE_H_
#define ORDERS_STORE_ORDERS_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "orders/domain/order.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"

// The table `orders`. Functions run in the caller's transaction, or each statement of theirs in
// its own, and decide nothing.
namespace orders {

// All statements of this file, to be prepared at connect.
std::vector<pg::Statement> OrdersStatements();

// Inserts, by one statement, each order that is not there yet, and with it its event, whose
// correlation id is the order's: neither the order, as when an earlier run of the same call
// committed, nor another of the same user and idempotency key, nor one that another transaction
// is about to insert. Returns the ids that are there now because of this call. Those of earlier
// runs are locked, by a second statement, whose commit waits for what the first run's may still
// wait for.
absl::flat_hash_set<OrderId> InsertOrders(pg::Tx& tx, std::span<const Order> orders,
                                          std::span<const messaging::OutboxMessage> events);

using KeyOfUser = std::pair<UserId, IdempotencyKey>;

// The orders that have these keys, locked likewise; a settlement passes the lock.
absl::flat_hash_map<KeyOfUser, Order> LockOrdersOfKeys(pg::Tx& tx, std::span<const KeyOfUser> keys);

// One order's settlement, with what it must match to be believed.
struct SettleRow {
  OrderId id;
  UserId user_id;
  Money amount;
  Settlement settlement;
};

// Settles the orders that are NEW and match a row's id, user and amount; guarded
// by status, so that a redelivered event changes nothing the second time.
// Returns how many orders settled now.
std::size_t SettleNewOrders(pg::Tx& tx, std::span<const SettleRow> rows);
// The same, for more work; returns the orders as they have settled now.
std::vector<Order> SettleNewOrdersReturning(pg::Tx& tx, std::span<const SettleRow> rows);

// What an order was created with.
struct OrderTerms {
  UserId user_id;
  Money amount;
};
absl::flat_hash_map<OrderId, OrderTerms> SelectOrderTerms(pg::Tx& tx, std::span<const OrderId> ids);

// No value if there is no such order of this user.
std::optional<Order> SelectOrder(pg::Tx& tx, const UserId& user_id, const OrderId& id);

// Those of these orders that have settled, in no order.
std::vector<Order> SelectSettledOrders(pg::Tx& tx, std::span<const OrderId> ids);

// The user's orders older than `before` (all if not given), of `status` (any if
// not given), newest first, at most `rows_max`.
std::vector<Order> SelectOrders(pg::Tx& tx, const UserId& user_id,
                                const std::optional<OrderId>& before,
                                const std::optional<OrderStatus>& status, std::int32_t rows_max);

}  // namespace orders

#endif  // ORDERS_STORE_ORDERS_STORE_H_
