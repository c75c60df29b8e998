#include "orders/api/order_mapping.h"

#include <string>

#include "gtest/gtest.h"
#include "platform/types/error.h"

namespace orders {
namespace {

const UserId kUser = *UserId::Parse("u1");
const absl::Time kNow = absl::FromUnixMicros(1700000000123456);

std::string FieldAtFault(std::int64_t amount, const std::string& description) {
  v1::CreateOrderRequest request;
  request.set_amount(amount);
  request.set_description(description);
  return types::FieldOf(ParseNewOrder(kUser, request, kNow).status());
}

TEST(ParseNewOrderTest, NamesTheFieldAtFault) {
  EXPECT_EQ(FieldAtFault(100, "coffee"), "");
  EXPECT_EQ(FieldAtFault(9007199254740991, ""), "");
  for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 53}) {
    EXPECT_EQ(FieldAtFault(amount, ""), "amount") << amount;
  }
  EXPECT_EQ(FieldAtFault(100, std::string(1001, 'a')), "description");
}

TEST(ToProtoTest, SaysWhyAnOrderWasCancelled) {
  Order order = NewOrder(kUser, Money::FromMinorUnits(100), "coffee", kNow);
  EXPECT_EQ(ToProto(order).cancel_reason(), v1::Order::CANCEL_REASON_UNSPECIFIED);
  order.status = OrderStatus::kCancelled;
  order.cancel_reason = CancelReason::kAccountNotFound;
  const v1::Order proto = ToProto(order);
  EXPECT_EQ(proto.status(), v1::Order::CANCELLED);
  EXPECT_EQ(proto.cancel_reason(), v1::Order::ACCOUNT_NOT_FOUND);
  EXPECT_EQ(proto.create_time().seconds(), 1700000000);
  EXPECT_EQ(proto.create_time().nanos(), 123456000);
}

TEST(ParseListOrdersTest, ReadsBackItsOwnNextPageToken) {
  v1::ListOrdersRequest request;
  request.set_page_size(1);
  request.set_status(v1::Order::NEW);
  const ListOrdersQuery first = *ParseListOrders(kUser, request);
  EXPECT_FALSE(first.before.has_value());
  const Order order = NewOrder(kUser, Money::FromMinorUnits(1), "", kNow);
  request.set_page_token(ToProto(first, {{order}, true}).next_page_token());
  EXPECT_EQ(ParseListOrders(kUser, request)->before, order.id);

  request.set_status(v1::Order::FINISHED);
  EXPECT_EQ(types::FieldOf(ParseListOrders(kUser, request).status()), "page_token");
}

TEST(ParseListOrdersTest, RefusesAnUnknownStatus) {
  v1::ListOrdersRequest request;
  request.set_status(static_cast<v1::Order::Status>(77));
  EXPECT_EQ(types::ReasonOf(ParseListOrders(kUser, request).status()), "INVALID_STATUS");
}

TEST(ToProtoTest, LastPageHasNoToken) {
  const ListOrdersQuery query{.user_id = kUser, .status = {}, .before = {}, .page_size = 50};
  EXPECT_EQ(ToProto(query, OrdersPage{}).next_page_token(), "");
}

}  // namespace
}  // namespace orders
