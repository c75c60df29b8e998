#include "orders/app/list_orders.h"

#include <optional>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "orders/app/settle_orders.h"
#include "tests/integration/orders/orders_database.h"

namespace orders {
namespace {

using ::testing::ElementsAre;

class ListOrdersTest : public OrdersDatabaseTest {
 protected:
  OrderId CreateOne() {
    const CreateOrderCommand command = NewCommand();
    Create({command});
    return command.order.id;
  }

  OrdersPage Page(std::optional<OrderId> before, std::int32_t page_size,
                  std::optional<OrderStatus> status = {}) {
    return ListOrders(
               pool_,
               {.user_id = user_, .status = status, .before = before, .page_size = page_size})
        .value();
  }

  static std::vector<OrderId> Ids(const OrdersPage& page) {
    std::vector<OrderId> ids;
    for (const Order& order : page.orders) ids.push_back(order.id);
    return ids;
  }
};

TEST_F(ListOrdersTest, WalksAllPagesWithoutGapOrRepeatWhileOrdersAreAdded) {
  std::set<OrderId> there;
  for (int i = 0; i < 7; ++i) there.insert(CreateOne());
  std::set<OrderId> seen;
  std::optional<OrderId> before;
  while (true) {
    const OrdersPage page = Page(before, 3);
    for (const OrderId& id : Ids(page)) EXPECT_TRUE(seen.insert(id).second);
    if (!page.has_more) break;
    before = page.orders.back().id;
    CreateOne();
  }
  EXPECT_EQ(seen, there);
}

TEST_F(ListOrdersTest, ShowsOneStatusOnly) {
  const CreateOrderCommand settled = NewCommand();
  Create({settled});
  const OrderId open = CreateOne();
  support::Commit(pool_, [&](pg::Tx& tx) {
    SettleOrders(tx,
                 std::vector<PaymentProcessed>{
                     {settled.order.id, user_, settled.order.amount, Settlement{}}},
                 watchers_);
  });
  EXPECT_THAT(Ids(Page({}, 10, OrderStatus::kNew)), ElementsAre(open));
  EXPECT_THAT(Ids(Page({}, 10, OrderStatus::kFinished)), ElementsAre(settled.order.id));
}

TEST_F(ListOrdersTest, NobodySeesAnothersOrder) {
  const OrderId id = CreateOne();
  const UserId other = support::NewUser();
  EXPECT_TRUE(absl::IsNotFound(GetOrder(pool_, other, id).status()));
  EXPECT_TRUE(ListOrders(pool_, {.user_id = other, .status = {}, .before = {}, .page_size = 10})
                  ->orders.empty());
}

}  // namespace
}  // namespace orders
