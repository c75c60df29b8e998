#include "tests/simulation/broker/broker_message.h"

#include "messaging/v1/event_batch.pb.h"
#include "platform/check/check.h"
#include "platform/messaging/envelope.h"

namespace simulation {

BrokerMessage ToBrokerMessage(const amqp::Publication& publication) {
  return {.id = std::string(publication.message_id),
          .correlation_id = std::string(publication.correlation_id),
          .type = std::string(publication.type),
          .body = std::string(publication.body),
          .trace = std::string(publication.trace)};
}

std::vector<BrokerEvent> EventsOf(const BrokerMessage& message) {
  if (message.type != messaging::kBatchType) return {{message.id, message.correlation_id}};
  messaging::v1::EventBatch batch;
  CHECK(batch.ParseFromString(message.body));
  std::vector<BrokerEvent> events;
  for (const messaging::v1::Event& event : batch.events()) {
    events.push_back({event.event_id(), event.correlation_id()});
  }
  return events;
}

}  // namespace simulation
