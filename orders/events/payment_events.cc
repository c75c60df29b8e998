#include "orders/events/payment_events.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "google/protobuf/util/time_util.h"
#include "orders/events/v1/payment_requested.pb.h"
#include "payments/events/v1/payment_processed.pb.h"

namespace orders {
namespace {

using google::protobuf::util::TimeUtil;
using PaymentProcessedV1 = payments::events::v1::PaymentProcessed;

absl::Status Malformed(const char* field) {
  return absl::InvalidArgumentError(std::string("PaymentProcessed: bad ") + field);
}

absl::StatusOr<Settlement> ParseSettlement(const PaymentProcessedV1& event) {
  if (event.outcome() == PaymentProcessedV1::SUCCEEDED) {
    return Settlement{.status = OrderStatus::kFinished, .cancel_reason = std::nullopt};
  }
  if (event.outcome() != PaymentProcessedV1::DECLINED) return Malformed("outcome");
  switch (event.decline_reason()) {
    case PaymentProcessedV1::INSUFFICIENT_FUNDS:
      return Settlement{.status = OrderStatus::kCancelled,
                        .cancel_reason = CancelReason::kInsufficientFunds};
    case PaymentProcessedV1::ACCOUNT_NOT_FOUND:
      return Settlement{.status = OrderStatus::kCancelled,
                        .cancel_reason = CancelReason::kAccountNotFound};
    default:
      return Malformed("decline_reason");
  }
}

}  // namespace

messaging::OutboxMessage PaymentRequested(const Order& order, const types::Uuid& event_id,
                                          std::string trace) {
  events::v1::PaymentRequested event;
  event.set_order_id(order.id.ToString());
  event.set_user_id(order.user_id.ToString());
  event.set_amount(order.amount.minor_units());
  *event.mutable_order_create_time() =
      TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(order.create_time));
  return {.event_id = event_id,
          .type = std::string(kPaymentRequestedType),
          .correlation_id = order.id.uuid(),
          .partition_key = order.user_id.ToString(),
          .payload = event.SerializeAsString(),
          .trace = std::move(trace)};
}

absl::StatusOr<PaymentProcessed> ParsePaymentProcessed(const std::string& payload) {
  PaymentProcessedV1 event;
  if (!event.ParseFromString(payload)) return Malformed("encoding");
  const std::optional<OrderId> order_id = OrderId::Parse(event.order_id());
  if (!order_id) return Malformed("order_id");
  std::optional<UserId> user_id = UserId::Parse(event.user_id());
  if (!user_id) return Malformed("user_id");
  if (!Money::IsValidAmount(event.amount())) return Malformed("amount");
  const absl::StatusOr<Settlement> settlement = ParseSettlement(event);
  if (!settlement.ok()) return settlement.status();
  return PaymentProcessed{.order_id = *order_id,
                          .user_id = *std::move(user_id),
                          .amount = Money::FromMinorUnits(event.amount()),
                          .settlement = *settlement};
}

}  // namespace orders
