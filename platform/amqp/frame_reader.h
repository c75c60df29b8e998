#ifndef PLATFORM_AMQP_FRAME_READER_H_
#define PLATFORM_AMQP_FRAME_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "absl/status/statusor.h"
#include "platform/amqp/message.h"
#include "platform/amqp/rabbitmq.h"

namespace amqp {

// Puts the frames of one channel together to events. Copies all it keeps: the
// frame's memory may be reused after each call.
class FrameReader {
 public:
  explicit FrameReader(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  // The event that this frame completes, if it does. An error if the broker
  // cancelled the consumer or closed the channel, or said what was not expected:
  // the channel is of no further use.
  absl::StatusOr<std::optional<Event>> Read(const amqp_frame_t& frame);

 private:
  absl::StatusOr<std::optional<Event>> ReadMethod(const amqp_method_t& method);
  void ReadProperties(const amqp_basic_properties_t& properties);
  void ReadHeaders(const amqp_table_t& headers);
  void ReadBody(const amqp_bytes_t& fragment);
  std::optional<Event> EventIfWhole();

  enum class Content { kNone, kDelivery, kReturn };

  const std::size_t body_bytes_max_;
  Content content_ = Content::kNone;
  Delivery message_;
  std::uint64_t body_bytes_left_ = 0;
};

}  // namespace amqp

#endif  // PLATFORM_AMQP_FRAME_READER_H_
