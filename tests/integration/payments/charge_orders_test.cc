#include "payments/app/charge_orders.h"

#include <vector>

#include "gmock/gmock.h"
#include "tests/integration/payments/payments_database.h"

namespace payments {
namespace {

using ::testing::ElementsAre;

constexpr absl::StatusCode kOk = absl::StatusCode::kOk;

class ChargeOrdersTest : public PaymentsDatabaseTest {};

TEST_F(ChargeOrdersTest, ChargesAndAnswersOnce) {
  OpenWith(150);
  const ChargeOrderCommand command = NewCharge(100);
  EXPECT_THAT(Charge({command}), ElementsAre(kOk));
  EXPECT_EQ(Balance(), 50);
  EXPECT_FALSE(PaymentOf(command).declined.has_value());
  EXPECT_EQ(Ledger()[0].order_id, command.request.order_id);
  EXPECT_EQ(AnswersTo(command), 1);
}

TEST_F(ChargeOrdersTest, TheSameMessageAgainChangesNothing) {
  OpenWith(250);
  const ChargeOrderCommand command = NewCharge(100);
  Charge({command});
  EXPECT_THAT(Charge({command, command}), ElementsAre(kOk, kOk));
  EXPECT_EQ(Balance(), 150);
  EXPECT_EQ(AnswersTo(command), 1);
}

TEST_F(ChargeOrdersTest, TheSameOrderUnderANewMessageIdIsAnsweredFromTheDecision) {
  OpenWith(250);
  const ChargeOrderCommand command = NewCharge(100);
  Charge({command});
  EXPECT_THAT(Charge({UnderNewMessageId(command)}), ElementsAre(kOk));
  EXPECT_EQ(Balance(), 150);
  EXPECT_EQ(AnswersTo(command), 2);
  EXPECT_EQ(DifferentAnswersTo(command), 1);
}

TEST_F(ChargeOrdersTest, TheSameOrderTwiceInOneBatchIsChargedOnce) {
  OpenWith(250);
  const ChargeOrderCommand command = NewCharge(100);
  EXPECT_THAT(Charge({command, UnderNewMessageId(command), command}), ElementsAre(kOk, kOk, kOk));
  EXPECT_EQ(Balance(), 150);
  EXPECT_EQ(Ledger().size(), 2U);
}

TEST_F(ChargeOrdersTest, ArrivalOrderDecidesWhoGetsTheLastMoney) {
  OpenWith(100);
  const ChargeOrderCommand dear = NewCharge(101);
  const ChargeOrderCommand first = NewCharge(60);
  const ChargeOrderCommand second = NewCharge(60);
  const ChargeOrderCommand small = NewCharge(40);
  Charge({dear, first, second, small});
  EXPECT_EQ(PaymentOf(dear).declined, DeclineReason::kInsufficientFunds);
  EXPECT_FALSE(PaymentOf(first).declined.has_value());
  EXPECT_EQ(PaymentOf(second).declined, DeclineReason::kInsufficientFunds);
  EXPECT_FALSE(PaymentOf(small).declined.has_value());
  EXPECT_EQ(Balance(), 0);
}

TEST_F(ChargeOrdersTest, AnotherOrderUnderAMessageIdSeenBeforeIsDecidedAllTheSame) {
  OpenWith(250);
  const ChargeOrderCommand first = NewCharge(100);
  Charge({first});
  ChargeOrderCommand second = NewCharge(100);
  second.event_id = first.event_id;
  EXPECT_THAT(Charge({second}), ElementsAre(kOk));
  EXPECT_FALSE(PaymentOf(second).declined.has_value());
  EXPECT_EQ(Balance(), 50);
  EXPECT_EQ(AnswersTo(second), 1);
}

TEST_F(ChargeOrdersTest, ADeclineIsFinal) {
  OpenWith(10);
  const ChargeOrderCommand command = NewCharge(100);
  Charge({command});
  Add({NewTopUp(1000)});
  Charge({UnderNewMessageId(command)});
  EXPECT_EQ(PaymentOf(command).declined, DeclineReason::kInsufficientFunds);
  EXPECT_EQ(Balance(), 1010);
  EXPECT_EQ(AnswersTo(command), 2);
  EXPECT_EQ(DifferentAnswersTo(command), 1);
}

TEST_F(ChargeOrdersTest, WithoutAnAccountItIsDeclinedForGood) {
  const ChargeOrderCommand command = NewCharge(100);
  Charge({command});
  OpenWith(1000);
  Charge({UnderNewMessageId(command)});
  EXPECT_EQ(PaymentOf(command).declined, DeclineReason::kAccountNotFound);
  EXPECT_EQ(Balance(), 1000);
}

TEST_F(ChargeOrdersTest, AnotherAmountOrUserForADecidedOrderIsRefusedEachTime) {
  OpenWith(250);
  const ChargeOrderCommand command = NewCharge(100);
  Charge({command});
  ChargeOrderCommand other_amount = UnderNewMessageId(command);
  other_amount.request.amount = Cents(1);
  ChargeOrderCommand other_user = UnderNewMessageId(command);
  other_user.request.user_id = support::NewUser();
  const ChargeOrderCommand neighbour = NewCharge(50);
  for (int time = 0; time < 2; ++time) {
    EXPECT_THAT(Charge({other_amount, other_user, neighbour}),
                ElementsAre(absl::StatusCode::kFailedPrecondition,
                            absl::StatusCode::kFailedPrecondition, kOk));
  }
  EXPECT_EQ(Balance(), 100);
  EXPECT_EQ(AnswersTo(command), 1);
}

}  // namespace
}  // namespace payments
