#include "orders/api/order_mapping.h"

#include <string>

#include "google/protobuf/util/time_util.h"
#include "platform/check/check.h"
#include "platform/types/error.h"
#include "platform/types/paging.h"

namespace orders {
namespace {

v1::Order::Status ToProto(OrderStatus status) {
  switch (status) {
    case OrderStatus::kNew:
      return v1::Order::NEW;
    case OrderStatus::kFinished:
      return v1::Order::FINISHED;
    case OrderStatus::kCancelled:
      return v1::Order::CANCELLED;
  }
  CHECK(false);
}

v1::Order::CancelReason ToProto(CancelReason reason) {
  switch (reason) {
    case CancelReason::kInsufficientFunds:
      return v1::Order::INSUFFICIENT_FUNDS;
    case CancelReason::kAccountNotFound:
      return v1::Order::ACCOUNT_NOT_FOUND;
  }
  CHECK(false);
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

absl::StatusOr<std::optional<OrderStatus>> ParseStatus(v1::Order::Status status) {
  switch (status) {
    case v1::Order::STATUS_UNSPECIFIED:
      return std::optional<OrderStatus>();
    case v1::Order::NEW:
      return std::optional(OrderStatus::kNew);
    case v1::Order::FINISHED:
      return std::optional(OrderStatus::kFinished);
    case v1::Order::CANCELLED:
      return std::optional(OrderStatus::kCancelled);
    default:
      return types::FieldError("INVALID_STATUS", "status",
                               "status must be NEW, FINISHED or CANCELLED");
  }
}

// The list a page token belongs to: a token of one filter fits no other.
std::string Scope(const std::optional<OrderStatus>& status) {
  return "orders:" + std::to_string(status ? static_cast<int>(*status) : -1);
}

absl::StatusOr<std::optional<OrderId>> ParsePageToken(const UserId& user_id,
                                                      const std::string& scope,
                                                      const std::string& token) {
  if (token.empty()) return std::optional<OrderId>();
  const absl::StatusOr<std::string> key = types::DecodePageToken(user_id, scope, token);
  if (!key.ok()) return key.status();
  const std::optional<OrderId> id = OrderId::Parse(*key);
  if (!id) return types::FieldError("INVALID_PAGE_TOKEN", "page_token", "page_token is damaged");
  return id;
}

}  // namespace

v1::Order ToProto(const Order& order) {
  v1::Order proto;
  proto.set_id(order.id.ToString());
  proto.set_user_id(order.user_id.ToString());
  proto.set_amount(order.amount.minor_units());
  proto.set_description(order.description);
  proto.set_status(ToProto(order.status));
  if (order.cancel_reason) proto.set_cancel_reason(ToProto(*order.cancel_reason));
  *proto.mutable_create_time() = ToProto(order.create_time);
  *proto.mutable_update_time() = ToProto(order.update_time);
  return proto;
}

absl::StatusOr<Order> ParseNewOrder(const UserId& user_id, const v1::CreateOrderRequest& request,
                                    absl::Time now) {
  if (!Money::IsValidAmount(request.amount())) {
    return types::FieldError("INVALID_AMOUNT", "amount",
                             "amount must be an integer from 1 to 9007199254740991");
  }
  if (!IsValidDescription(request.description())) {
    return types::FieldError("INVALID_DESCRIPTION", "description",
                             "description must have at most 1000 characters and no control "
                             "characters but tab and newline");
  }
  return NewOrder(user_id, Money::FromMinorUnits(request.amount()), request.description(), now);
}

absl::StatusOr<OrderId> ParseOrderId(const std::string& text) {
  const std::optional<OrderId> id = OrderId::Parse(text);
  if (!id) return types::FieldError("INVALID_ORDER_ID", "id", "id must be a UUID");
  return *id;
}

absl::StatusOr<ListOrdersQuery> ParseListOrders(const UserId& user_id,
                                                const v1::ListOrdersRequest& request) {
  const absl::StatusOr<std::int32_t> page_size = types::ParsePageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const absl::StatusOr<std::optional<OrderStatus>> status = ParseStatus(request.status());
  if (!status.ok()) return status.status();
  const absl::StatusOr<std::optional<OrderId>> before =
      ParsePageToken(user_id, Scope(*status), request.page_token());
  if (!before.ok()) return before.status();
  return ListOrdersQuery{
      .user_id = user_id, .status = *status, .before = *before, .page_size = *page_size};
}

v1::ListOrdersResponse ToProto(const ListOrdersQuery& query, const OrdersPage& page) {
  v1::ListOrdersResponse response;
  for (const Order& order : page.orders) *response.add_orders() = ToProto(order);
  if (page.has_more) {
    response.set_next_page_token(types::EncodePageToken(query.user_id, Scope(query.status),
                                                        page.orders.back().id.ToString()));
  }
  return response;
}

}  // namespace orders
