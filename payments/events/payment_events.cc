#include "payments/events/payment_events.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "google/protobuf/util/time_util.h"
#include "orders/events/v1/payment_requested.pb.h"
#include "payments/events/v1/payment_processed.pb.h"
#include "platform/check/check.h"

namespace payments {
namespace {

using PaymentProcessedV1 = payments::events::v1::PaymentProcessed;

absl::Status Malformed(const char* field) {
  return absl::InvalidArgumentError(std::string("PaymentRequested: bad ") + field);
}

PaymentProcessedV1::DeclineReason ToProto(DeclineReason reason) {
  switch (reason) {
    case DeclineReason::kInsufficientFunds:
      return PaymentProcessedV1::INSUFFICIENT_FUNDS;
    case DeclineReason::kAccountNotFound:
      return PaymentProcessedV1::ACCOUNT_NOT_FOUND;
  }
  CHECK(false);
}

}  // namespace

absl::StatusOr<PaymentRequested> ParsePaymentRequested(const std::string& payload) {
  orders::events::v1::PaymentRequested event;
  if (!event.ParseFromString(payload)) return Malformed("encoding");
  const std::optional<OrderId> order_id = OrderId::Parse(event.order_id());
  if (!order_id) return Malformed("order_id");
  std::optional<UserId> user_id = UserId::Parse(event.user_id());
  if (!user_id) return Malformed("user_id");
  if (!Money::IsValidAmount(event.amount())) return Malformed("amount");
  return PaymentRequested{.order_id = *order_id,
                          .user_id = *std::move(user_id),
                          .amount = Money::FromMinorUnits(event.amount())};
}

messaging::OutboxMessage PaymentProcessed(const Payment& payment, const types::Uuid& event_id,
                                          std::string trace) {
  PaymentProcessedV1 event;
  event.set_order_id(payment.order_id.ToString());
  event.set_user_id(payment.user_id.ToString());
  event.set_amount(payment.amount.minor_units());
  event.set_outcome(payment.declined ? PaymentProcessedV1::DECLINED
                                     : PaymentProcessedV1::SUCCEEDED);
  if (payment.declined) event.set_decline_reason(ToProto(*payment.declined));
  *event.mutable_decision_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      absl::ToUnixMicros(payment.create_time));
  return {.event_id = event_id,
          .type = std::string(kPaymentProcessedType),
          .correlation_id = payment.order_id.uuid(),
          .partition_key = payment.user_id.ToString(),
          .payload = event.SerializeAsString(),
          .trace = std::move(trace)};
}

}  // namespace payments
