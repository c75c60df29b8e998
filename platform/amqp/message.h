#ifndef PLATFORM_AMQP_MESSAGE_H_
#define PLATFORM_AMQP_MESSAGE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace amqp {

// A message to publish; views what its caller keeps. Each but the body is at
// most 255 bytes long, as AMQP's short strings are.
struct Publication {
  std::string_view message_id;
  std::string_view correlation_id;
  // Also the routing key.
  std::string_view type;
  std::string_view body;
  // W3C traceparent, or empty.
  std::string_view trace;
};

// A message from a queue. Its tag is worth nothing on another link than the one
// that brought it.
struct Delivery {
  std::uint64_t tag = 0;
  std::string message_id;
  std::string correlation_id;
  std::string type;
  std::string content_type;
  std::string body;
  // W3C traceparent, or empty.
  std::string trace;
  // How often the broker has delivered it before (x-delivery-count).
  std::int64_t delivery_count = 0;
  // Longer than body_bytes_max: the body is cut off there.
  bool cut = false;
};

// The broker has taken, or refused, responsibility for a message, or for all up
// to this tag.
struct Confirm {
  std::uint64_t tag = 0;
  bool multiple = false;
  bool accepted = false;
};

// No queue is bound for a message. Comes before the message's Confirm.
struct Return {
  std::string message_id;
};

using Event = std::variant<Delivery, Confirm, Return>;

}  // namespace amqp

#endif  // PLATFORM_AMQP_MESSAGE_H_
