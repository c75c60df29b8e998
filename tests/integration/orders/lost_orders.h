#ifndef TESTS_INTEGRATION_ORDERS_LOST_ORDERS_H_
#define TESTS_INTEGRATION_ORDERS_LOST_ORDERS_H_

#include <vector>

#include "orders/app/settle_orders.h"
#include "orders/app/sweep_orders.h"
#include "orders/events/payment_events.h"
#include "tests/integration/orders/orders_database.h"

namespace orders {

constexpr pg::Statement kDeleteAllEvents{"test_delete_all_events", "DELETE FROM outbox"};
constexpr pg::Statement kDeleteAllOrders{"test_delete_all_orders", "DELETE FROM orders"};

// A database that holds the test's orders alone: the sweeper looks at all there are.
class LostOrdersTest : public OrdersDatabaseTest {
 protected:
  LostOrdersTest() {
    pg::Pool owner =
        support::NewPool("ORDERS_OWNER_DATABASE_URL", {kDeleteAllEvents, kDeleteAllOrders}, 1);
    support::Commit(owner, [](pg::Tx& tx) {
      tx.Exec(kDeleteAllEvents);
      tx.Exec(kDeleteAllOrders);
    });
  }

  Order CreateAt(absl::Time create_time) {
    CreateOrderCommand command = NewCommand();
    command.order = NewOrder(user_, command.order.amount, command.order.description, create_time);
    Create({command});
    return command.order;
  }

  // Created some time ago, relayed, and then lost by the broker.
  Order LoseOne(absl::Duration age) {
    const Order order = CreateAt(absl::FromUnixMicros(absl::ToUnixMicros(absl::Now() - age)));
    support::Commit(pool_, [&](pg::Tx& tx) { tx.Exec(kDeleteEvents, order.id.uuid()); });
    return order;
  }

  static PaymentProcessed Paid(const Order& order) {
    return {.order_id = order.id,
            .user_id = order.user_id,
            .amount = order.amount,
            .settlement = {.status = OrderStatus::kFinished, .cancel_reason = {}}};
  }

  // Now, so that all that is older is overtaken.
  void SettleANewOne() {
    const Order order = LoseOne(absl::ZeroDuration());
    support::Commit(pool_,
                    [&](pg::Tx& tx) { SettleOrders(tx, std::vector{Paid(order)}, watchers_); });
  }

  std::vector<messaging::OutboxMessage> Requests() {
    std::vector<messaging::OutboxMessage> requests;
    support::Commit(pool_, [&](pg::Tx& tx) {
      requests = messaging::ClaimOutbox(
          tx, {.after = types::Uuid(), .age_min = absl::ZeroDuration(), .rows_max = 1000});
    });
    return requests;
  }
};

}  // namespace orders

#endif  // TESTS_INTEGRATION_ORDERS_LOST_ORDERS_H_
