// Whatever bytes stand in the queue of answers, orders reads them as an answer that can be,
// or refuses them.
#include <cstddef>
#include <cstdint>
#include <string>

#include "orders/events/payment_events.h"
#include "payments/events/v1/payment_processed.pb.h"
#include "platform/check/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string payload(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<orders::PaymentProcessed> parsed = orders::ParsePaymentProcessed(payload);
  payments::events::v1::PaymentProcessed event;
  const bool is_message = event.ParseFromString(payload);
  if (!parsed.ok()) {
    CHECK(absl::IsInvalidArgument(parsed.status()));
    return 0;
  }
  CHECK(is_message);
  CHECK(orders::Money::IsValidAmount(event.amount()));
  CHECK(parsed->amount.minor_units() == event.amount());
  CHECK(parsed->user_id.ToString() == event.user_id());
  const bool finished = parsed->settlement.status == orders::OrderStatus::kFinished;
  CHECK(finished == (event.outcome() == payments::events::v1::PaymentProcessed::SUCCEEDED));
  CHECK(finished != parsed->settlement.cancel_reason.has_value());
  return 0;
}
