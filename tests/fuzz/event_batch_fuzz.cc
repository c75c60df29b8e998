// Whatever bytes stand in a queue as a batch, a consumer reads them as events that it can take,
// or refuses them all.
#include <cstddef>
#include <cstdint>
#include <string>

#include "platform/check/check.h"
#include "platform/messaging/envelope.h"
#include "platform/observability/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  amqp::Delivery message;
  message.type = messaging::kBatchType;
  message.body.assign(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::vector<messaging::Delivery>> events =
      messaging::Unpack(message, "test.events.v1.SomethingHappened");
  if (!events.ok()) {
    CHECK(absl::IsInvalidArgument(events.status()));
    return 0;
  }
  CHECK(!events->empty() && events->size() <= messaging::kEnvelopeEventsMax);
  std::size_t bytes = 0;
  for (const messaging::Delivery& event : *events) {
    CHECK(event.trace.empty() || observability::Trace::Parse(event.trace).has_value());
    bytes += event.payload.size();
  }
  CHECK(bytes <= size);
  return 0;
}
