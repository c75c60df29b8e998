#ifndef TESTS_SIMULATION_BROKER_BROKER_MESSAGE_H_
#define TESTS_SIMULATION_BROKER_BROKER_MESSAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "platform/amqp/message.h"

namespace simulation {

struct BrokerMessage {
  std::string id{};
  std::string correlation_id{};
  std::string type{};
  std::string body{};
  std::string trace{};
  std::int64_t delivery_count = 0;
  // The broker has taken responsibility: it survives a crash.
  bool safe = false;
};

BrokerMessage ToBrokerMessage(const amqp::Publication& publication);

struct BrokerEvent {
  std::string id;
  std::string correlation_id;
};

// What the message tells of: one event, or those of a batch.
std::vector<BrokerEvent> EventsOf(const BrokerMessage& message);

}  // namespace simulation

#endif  // TESTS_SIMULATION_BROKER_BROKER_MESSAGE_H_
