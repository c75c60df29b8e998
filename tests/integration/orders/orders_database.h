#ifndef TESTS_INTEGRATION_ORDERS_ORDERS_DATABASE_H_
#define TESTS_INTEGRATION_ORDERS_ORDERS_DATABASE_H_

#include <span>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "orders/app/create_orders.h"
#include "orders/app/get_order.h"
#include "orders/app/order_watchers.h"
#include "orders/domain/order.h"
#include "orders/store/orders_store.h"
#include "orders/store/sweep_store.h"
#include "platform/messaging/outbox.h"
#include "tests/integration/support/database.h"

namespace orders {

constexpr pg::Statement kCountEvents{"test_count_events", R"sql(
    SELECT count(*) FROM outbox WHERE correlation_id = $1::uuid)sql"};
constexpr pg::Statement kDeleteEvents{"test_delete_events", R"sql(
    DELETE FROM outbox WHERE correlation_id = $1::uuid)sql"};
constexpr pg::Statement kLockOrder{"test_lock_order", R"sql(
    SELECT id FROM orders WHERE id = $1::uuid FOR UPDATE)sql"};

// Nobody takes the events over: they stay in the outbox.
inline std::vector<absl::StatusOr<CreatedOrder>> CreateUnrelayed(
    pg::Tx& tx, std::span<const CreateOrderCommand> commands) {
  return CreateOrders(tx, commands, messaging::Outbox());
}

// The orders database, with a user of the test's own. No service runs on it.
class OrdersDatabaseTest : public ::testing::Test {
 protected:
  static std::vector<pg::Statement> Statements() {
    std::vector<pg::Statement> all = OrdersStatements();
    for (const pg::Statement& statement : SweepStatements()) all.push_back(statement);
    for (const pg::Statement& statement : messaging::OutboxStatements()) all.push_back(statement);
    all.push_back(kCountEvents);
    all.push_back(kDeleteEvents);
    all.push_back(kLockOrder);
    return all;
  }

  CreateOrderCommand NewCommand(std::int64_t amount = 100) const {
    const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()));
    return {.order = NewOrder(user_, Money::FromMinorUnits(amount), "coffee \"{\\\u2615}", now),
            .event_id = types::Uuid::V7(now),
            .trace = ""};
  }

  CreateOrderCommand NewCommand(const std::string& key, std::int64_t amount) const {
    CreateOrderCommand command = NewCommand(amount);
    command.order.idempotency_key = IdempotencyKey::Parse(key);
    return command;
  }

  void Create(const std::vector<CreateOrderCommand>& commands) {
    for (const absl::StatusOr<CreatedOrder>& answer : Answers(commands)) EXPECT_TRUE(answer.ok());
  }

  // As the service does it: each statement commits by itself.
  std::vector<absl::StatusOr<CreatedOrder>> Answers(
      const std::vector<CreateOrderCommand>& commands) {
    std::vector<absl::StatusOr<CreatedOrder>> answers;
    support::Query(pool_, [&](pg::Tx& tx) { answers = CreateUnrelayed(tx, commands); });
    return answers;
  }

  std::int64_t EventsOf(const OrderId& id) {
    std::int64_t events = 0;
    support::Query(pool_,
                   [&](pg::Tx& tx) { events = tx.Exec(kCountEvents, id.uuid())[0].Int64(0); });
    return events;
  }

  Order Get(const OrderId& id) { return GetOrder(pool_, user_, id).value(); }

  OrderWatchers watchers_;
  const UserId user_ = support::NewUser();
  pg::Pool pool_ = support::NewPool("ORDERS_DATABASE_URL", Statements());
};

}  // namespace orders

#endif  // TESTS_INTEGRATION_ORDERS_ORDERS_DATABASE_H_
