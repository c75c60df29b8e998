#ifndef PLATFORM_MESSAGING_ENVELOPE_H_
#define PLATFORM_MESSAGING_ENVELOPE_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "platform/amqp/message.h"
#include "platform/messaging/inbox_consumer.h"
#include "platform/messaging/outbox.h"

namespace messaging {

// The type of a message that holds several events.
inline constexpr std::string_view kBatchType = "messaging.v1.EventBatch";

// Events in one message at most, whoever packed it.
inline constexpr std::size_t kEnvelopeEventsMax = 1'000;

// A message to the broker, with one event or several of one type.
struct Envelope {
  // What to delete from the outbox once the broker has it.
  std::span<const OutboxMessage> events;
  // Of the first event.
  std::string message_id;
  std::string correlation_id;
  // The EventBatch, encoded; empty where there is one event.
  std::string batch;

  // Views this envelope and its events.
  amqp::Publication ToPublication() const;
};

// Puts neighbours of one type together, at most `events_max` of them, and of 64 KiB of
// payloads. The envelopes view `messages`.
std::vector<Envelope> Pack(std::span<const OutboxMessage> messages, std::size_t events_max);

// The events of a message, at least one. INVALID_ARGUMENT: it is neither an event of `type`
// nor a batch of such.
absl::StatusOr<std::vector<Delivery>> Unpack(amqp::Delivery message, const std::string& type);

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_ENVELOPE_H_
