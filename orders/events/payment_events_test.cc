#include "orders/events/payment_events.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "orders/events/v1/payment_requested.pb.h"
#include "payments/events/v1/payment_processed.pb.h"

namespace orders {
namespace {

using Event = payments::events::v1::PaymentProcessed;

Event Succeeded() {
  Event event;
  event.set_order_id("018f6c2e-0000-7000-8000-0123456789ab");
  event.set_user_id("u1");
  event.set_amount(100);
  event.set_outcome(Event::SUCCEEDED);
  return event;
}

TEST(PaymentRequestedTest, CarriesWhatIsToBePaid) {
  const Order order = NewOrder(*UserId::Parse("u1"), Money::FromMinorUnits(100), "coffee",
                               absl::FromUnixMicros(1700000000123456));
  const messaging::OutboxMessage message = PaymentRequested(order, order.id.uuid(), "trace");
  events::v1::PaymentRequested event;
  ASSERT_TRUE(event.ParseFromString(message.payload));
  EXPECT_EQ(event.order_id(), order.id.ToString());
  EXPECT_EQ(event.user_id(), "u1");
  EXPECT_EQ(event.amount(), 100);
  EXPECT_EQ(event.order_create_time().nanos(), 123456000);
  EXPECT_EQ(message.type, event.GetDescriptor()->full_name());
  EXPECT_EQ(message.partition_key, "u1");
}

TEST(PaymentProcessedTest, FinishesOrCancelsWithAReason) {
  Event event = Succeeded();
  EXPECT_EQ(event.GetDescriptor()->full_name(), kPaymentProcessedType);
  EXPECT_EQ(ParsePaymentProcessed(event.SerializeAsString())->settlement.status,
            OrderStatus::kFinished);
  event.set_outcome(Event::DECLINED);
  event.set_decline_reason(Event::INSUFFICIENT_FUNDS);
  const absl::StatusOr<PaymentProcessed> declined =
      ParsePaymentProcessed(event.SerializeAsString());
  ASSERT_TRUE(declined.ok());
  EXPECT_EQ(declined->settlement.status, OrderStatus::kCancelled);
  EXPECT_EQ(declined->settlement.cancel_reason, CancelReason::kInsufficientFunds);
}

TEST(PaymentProcessedTest, IsRefusedWhereOneFieldIsWrong) {
  const std::vector<std::function<void(Event&)>> mutations = {
      [](Event& event) { event.set_order_id("abc"); },
      [](Event& event) { event.set_user_id("-"); },
      [](Event& event) { event.set_amount(0); },
      [](Event& event) { event.set_amount(-1); },
      [](Event& event) { event.set_amount(std::int64_t{1} << 53); },
      [](Event& event) { event.clear_outcome(); },
      [](Event& event) { event.set_outcome(Event::DECLINED); },
  };
  for (std::size_t i = 0; i < mutations.size(); ++i) {
    Event event = Succeeded();
    mutations[i](event);
    EXPECT_EQ(ParsePaymentProcessed(event.SerializeAsString()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << "mutation " << i;
  }
  EXPECT_FALSE(ParsePaymentProcessed("garbage").ok());
  EXPECT_FALSE(ParsePaymentProcessed("").ok());
}

}  // namespace
}  // namespace orders
