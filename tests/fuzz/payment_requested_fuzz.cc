// Whatever bytes stand in the queue of requests, payments reads them as a request that can
// be, or refuses them: no amount that is not one, no user who cannot be.
#include <cstddef>
#include <cstdint>
#include <string>

#include "orders/events/v1/payment_requested.pb.h"
#include "payments/events/payment_events.h"
#include "platform/check/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string payload(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<payments::PaymentRequested> parsed =
      payments::ParsePaymentRequested(payload);
  orders::events::v1::PaymentRequested event;
  const bool is_message = event.ParseFromString(payload);
  if (!parsed.ok()) {
    CHECK(absl::IsInvalidArgument(parsed.status()));
    return 0;
  }
  CHECK(is_message);
  CHECK(event.amount() >= 1 && event.amount() <= (std::int64_t{1} << 53) - 1);
  CHECK(parsed->amount.minor_units() == event.amount());
  CHECK(parsed->user_id.ToString() == event.user_id());
  return 0;
}
