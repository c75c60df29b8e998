#ifndef PLATFORM_AMQP_TOPOLOGY_H_
#define PLATFORM_AMQP_TOPOLOGY_H_

#include <string>
#include <vector>

namespace amqp {

// A durable quorum queue with its dead-letter queue `<name>.dlq`, also quorum.
// Dead letters pass `dead_letter_exchange` under the queue's name, at least
// once: a full dead-letter queue holds them back in the queue, and a full queue
// refuses what is published (reject-publish). Limits are set by policy, because
// an argument can never change (406).
struct WorkQueue {
  std::string name;
  std::string dead_letter_exchange;
  // Where its messages come from. Owned by a peer: not declared here.
  std::string source_exchange;
  std::vector<std::string> routing_keys;
};

// What one side of the broker declares. Declaring again changes nothing.
struct Topology {
  // Durable and direct: a message goes to the queues that are bound by its very routing key.
  std::vector<std::string> exchanges;
  // Durable topic exchanges: slower, but the broker can tie rights to their routing keys.
  std::vector<std::string> topic_exchanges;
  std::vector<WorkQueue> queues;
};

}  // namespace amqp

#endif  // PLATFORM_AMQP_TOPOLOGY_H_
