#include "orders/app/settle_orders.h"

#include <vector>

#include "gmock/gmock.h"
#include "tests/integration/orders/orders_database.h"

namespace orders {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Settlement kPaid{.status = OrderStatus::kFinished, .cancel_reason = {}};
constexpr Settlement kDeclined{.status = OrderStatus::kCancelled,
                               .cancel_reason = CancelReason::kInsufficientFunds};

class SettleOrdersTest : public OrdersDatabaseTest {
 protected:
  Order CreateOne() {
    const CreateOrderCommand command = NewCommand();
    Create({command});
    return command.order;
  }

  static PaymentProcessed Payment(const Order& order, const Settlement& settlement) {
    return {.order_id = order.id,
            .user_id = order.user_id,
            .amount = order.amount,
            .settlement = settlement};
  }

  std::vector<absl::StatusCode> Settle(const std::vector<PaymentProcessed>& payments) {
    std::vector<absl::StatusCode> codes;
    // As the service does it: each statement commits by itself.
    support::Query(pool_, [&](pg::Tx& tx) {
      codes.clear();
      for (const absl::Status& answer : SettleOrders(tx, payments, watchers_)) {
        codes.push_back(answer.code());
      }
    });
    return codes;
  }
};

TEST_F(SettleOrdersTest, FinishesAndCancelsWithTheReason) {
  const Order paid = CreateOne();
  const Order declined = CreateOne();
  EXPECT_THAT(Settle({Payment(paid, kPaid), Payment(declined, kDeclined)}),
              ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kOk));
  EXPECT_EQ(Get(paid.id).status, OrderStatus::kFinished);
  EXPECT_EQ(Get(declined.id).status, OrderStatus::kCancelled);
  EXPECT_EQ(Get(declined.id).cancel_reason, CancelReason::kInsufficientFunds);
}

TEST_F(SettleOrdersTest, ASettledOrderNeverChangesAgain) {
  const Order order = CreateOne();
  Settle({Payment(order, kDeclined)});
  const absl::Time settled = Get(order.id).update_time;
  EXPECT_THAT(Settle({Payment(order, kPaid), Payment(order, kDeclined)}),
              ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kOk));
  EXPECT_EQ(Get(order.id).status, OrderStatus::kCancelled);
  EXPECT_EQ(Get(order.id).update_time, settled);
}

TEST_F(SettleOrdersTest, TheCommitTellsThoseWhoWatch) {
  const Order watched = CreateOne();
  const Order other = CreateOne();
  std::vector<Order> told;
  watchers_.Add(watched.user_id, watched.id, [&](const Order& order) { told.push_back(order); });
  EXPECT_THAT(Settle({Payment(other, kPaid), Payment(watched, kDeclined)}),
              Each(absl::StatusCode::kOk));
  EXPECT_EQ(Get(other.id).status, OrderStatus::kFinished);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].id, watched.id);
  EXPECT_EQ(told[0].status, OrderStatus::kCancelled);
  EXPECT_EQ(told[0].cancel_reason, CancelReason::kInsufficientFunds);
  EXPECT_EQ(told[0].update_time, Get(watched.id).update_time);
  EXPECT_THAT(watchers_.TakeHints(), IsEmpty());
}

TEST_F(SettleOrdersTest, WhatSettledBeforeIsLeftToTheWatchPoll) {
  const Order order = CreateOne();
  Settle({Payment(order, kPaid)});
  bool told = false;
  watchers_.Add(order.user_id, order.id, [&](const Order&) { told = true; });
  EXPECT_THAT(Settle({Payment(order, kPaid)}), Each(absl::StatusCode::kOk));
  EXPECT_FALSE(told);
  EXPECT_THAT(watchers_.TakeHints(), ElementsAre(order.id));
}

TEST_F(SettleOrdersTest, AnUnknownOrderIsNotFoundAndItsNeighboursSettle) {
  const Order order = CreateOne();
  EXPECT_THAT(Settle({Payment(NewCommand().order, kPaid), Payment(order, kPaid)}),
              ElementsAre(absl::StatusCode::kNotFound, absl::StatusCode::kOk));
  EXPECT_EQ(Get(order.id).status, OrderStatus::kFinished);
}

TEST_F(SettleOrdersTest, ALieAboutAnOrderIsRefusedAndTheTruthBesideItSettles) {
  const Order order = CreateOne();
  PaymentProcessed other_amount = Payment(order, kPaid);
  other_amount.amount = Money::FromMinorUnits(1);
  PaymentProcessed other_user = Payment(order, kPaid);
  other_user.user_id = support::NewUser();
  EXPECT_THAT(Settle({other_amount, other_user, Payment(order, kDeclined)}),
              ElementsAre(absl::StatusCode::kFailedPrecondition,
                          absl::StatusCode::kFailedPrecondition, absl::StatusCode::kOk));
  EXPECT_EQ(Get(order.id).status, OrderStatus::kCancelled);
}

}  // namespace
}  // namespace orders
