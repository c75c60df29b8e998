#include "platform/messaging/envelope.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "messaging/v1/event_batch.pb.h"
#include "platform/check/check.h"
#include "platform/observability/trace.h"

namespace messaging {
namespace {

// Of the payloads of several events; one alone may be longer.
constexpr std::size_t kPayloadBytesMax = std::size_t{64} << 10;

std::size_t EventsForOneEnvelope(std::span<const OutboxMessage> messages, std::size_t events_max) {
  CHECK(events_max > 0);
  std::size_t bytes = messages.front().payload.size();
  std::size_t events = 1;
  while (events < messages.size() && events < events_max &&
         messages[events].type == messages.front().type) {
    bytes += messages[events].payload.size();
    if (bytes > kPayloadBytesMax) break;
    ++events;
  }
  return events;
}

std::string BatchOf(std::span<const OutboxMessage> messages) {
  v1::EventBatch batch;
  batch.set_type(messages.front().type);
  batch.mutable_events()->Reserve(static_cast<int>(messages.size()));
  for (const OutboxMessage& message : messages) {
    v1::Event& event = *batch.add_events();
    event.set_event_id(message.event_id.ToString());
    event.set_correlation_id(message.correlation_id.ToString());
    event.set_traceparent(message.trace);
    event.set_payload(message.payload);
  }
  return batch.SerializeAsString();
}

Envelope EnvelopeFor(std::span<const OutboxMessage> messages) {
  return {.events = messages,
          .message_id = messages.front().event_id.ToString(),
          .correlation_id = messages.front().correlation_id.ToString(),
          .batch = messages.size() == 1 ? std::string() : BatchOf(messages)};
}

// What is no traceparent is not worth the event it came with: foreign bytes here
// would stop the transaction, or the relay that has to publish them again.
std::string CheckedTrace(const std::string& traceparent) {
  const std::optional<observability::Trace> trace = observability::Trace::Parse(traceparent);
  return trace ? trace->ToString() : std::string();
}

absl::StatusOr<std::vector<Delivery>> UnpackBatch(const std::string& body,
                                                  const std::string& type) {
  v1::EventBatch batch;
  if (!batch.ParseFromString(body)) return absl::InvalidArgumentError("no batch of events");
  if (batch.type() != type) return absl::InvalidArgumentError("a batch of an unknown type");
  if (batch.events().empty()) return absl::InvalidArgumentError("a batch without an event");
  if (static_cast<std::size_t>(batch.events_size()) > kEnvelopeEventsMax) {
    return absl::InvalidArgumentError("a batch of too many events");
  }
  std::vector<Delivery> events;
  events.reserve(static_cast<std::size_t>(batch.events_size()));
  for (v1::Event& event : *batch.mutable_events()) {
    const std::optional<types::Uuid> event_id = types::Uuid::Parse(event.event_id());
    if (!event_id) return absl::InvalidArgumentError("an event_id of the batch is not a UUID");
    events.push_back({.event_id = *event_id,
                      .payload = std::move(*event.mutable_payload()),
                      .trace = CheckedTrace(event.traceparent())});
  }
  return events;
}

}  // namespace

amqp::Publication Envelope::ToPublication() const {
  const OutboxMessage& first = events.front();
  const bool alone = events.size() == 1;
  return {.message_id = message_id,
          .correlation_id = correlation_id,
          .type = alone ? std::string_view(first.type) : kBatchType,
          .body = alone ? first.payload : batch,
          .trace = alone ? std::string_view(first.trace) : std::string_view()};
}

std::vector<Envelope> Pack(std::span<const OutboxMessage> messages, std::size_t events_max) {
  std::vector<Envelope> envelopes;
  while (!messages.empty()) {
    const std::size_t events = EventsForOneEnvelope(messages, events_max);
    envelopes.push_back(EnvelopeFor(messages.first(events)));
    messages = messages.subspan(events);
  }
  return envelopes;
}

absl::StatusOr<std::vector<Delivery>> Unpack(amqp::Delivery message, const std::string& type) {
  if (!message.content_type.empty() && message.content_type != "application/x-protobuf") {
    return absl::InvalidArgumentError("unknown content type");
  }
  if (message.cut) return absl::InvalidArgumentError("too long");
  if (message.type == kBatchType) return UnpackBatch(message.body, type);
  if (message.type != type) return absl::InvalidArgumentError("unknown type");
  const std::optional<types::Uuid> event_id = types::Uuid::Parse(message.message_id);
  if (!event_id) return absl::InvalidArgumentError("message_id is not a UUID");
  std::vector<Delivery> events(1);
  events.front() = {.event_id = *event_id,
                    .payload = std::move(message.body),
                    .trace = CheckedTrace(message.trace)};
  return events;
}

}  // namespace messaging
