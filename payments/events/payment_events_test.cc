#include "payments/events/payment_events.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "orders/events/v1/payment_requested.pb.h"
#include "payments/events/v1/payment_processed.pb.h"

namespace payments {
namespace {

using Event = orders::events::v1::PaymentRequested;

Event Valid() {
  Event event;
  event.set_order_id("018f6c2e-0000-7000-8000-0123456789ab");
  event.set_user_id("u1");
  event.set_amount(100);
  return event;
}

TEST(PaymentRequestedTest, IsReadAsItWasWritten) {
  EXPECT_EQ(Valid().GetDescriptor()->full_name(), kPaymentRequestedType);
  const absl::StatusOr<PaymentRequested> request =
      ParsePaymentRequested(Valid().SerializeAsString());
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->order_id.ToString(), "018f6c2e-0000-7000-8000-0123456789ab");
  EXPECT_EQ(request->user_id.ToString(), "u1");
  EXPECT_EQ(request->amount, Money::FromMinorUnits(100));
}

TEST(PaymentRequestedTest, IsRefusedWhereOneFieldIsWrong) {
  const std::vector<std::function<void(Event&)>> mutations = {
      [](Event& event) { event.set_order_id("abc"); },
      [](Event& event) { event.clear_user_id(); },
      [](Event& event) { event.set_amount(0); },
      [](Event& event) { event.set_amount(-100); },
      [](Event& event) { event.set_amount(std::int64_t{1} << 53); },
  };
  for (std::size_t i = 0; i < mutations.size(); ++i) {
    Event event = Valid();
    mutations[i](event);
    EXPECT_EQ(ParsePaymentRequested(event.SerializeAsString()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << "mutation " << i;
  }
  EXPECT_FALSE(ParsePaymentRequested("garbage").ok());
  EXPECT_FALSE(ParsePaymentRequested("").ok());
}

TEST(PaymentProcessedTest, CarriesTheDecision) {
  const PaymentRequested request = *ParsePaymentRequested(Valid().SerializeAsString());
  Payment payment{.order_id = request.order_id,
                  .user_id = request.user_id,
                  .amount = request.amount,
                  .declined = DeclineReason::kInsufficientFunds,
                  .create_time = absl::FromUnixSeconds(1700000000)};
  events::v1::PaymentProcessed event;
  const messaging::OutboxMessage message = PaymentProcessed(payment, types::Uuid(), "");
  EXPECT_EQ(message.type, event.GetDescriptor()->full_name());
  ASSERT_TRUE(event.ParseFromString(message.payload));
  EXPECT_EQ(event.outcome(), events::v1::PaymentProcessed::DECLINED);
  EXPECT_EQ(event.decline_reason(), events::v1::PaymentProcessed::INSUFFICIENT_FUNDS);

  payment.declined.reset();
  ASSERT_TRUE(event.ParseFromString(PaymentProcessed(payment, types::Uuid(), "").payload));
  EXPECT_EQ(event.outcome(), events::v1::PaymentProcessed::SUCCEEDED);
  EXPECT_EQ(event.amount(), 100);
}

}  // namespace
}  // namespace payments
