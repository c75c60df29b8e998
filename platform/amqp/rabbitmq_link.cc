#include "platform/amqp/rabbitmq_link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "platform/amqp/reply.h"

namespace amqp {
namespace {

constexpr std::uint8_t kPersistent = 2;

// Holds back partly filled TCP segments while it lives: a batch of messages
// leaves in few packets.
class Cork {
 public:
  explicit Cork(int socket) : socket_(socket) { Set(1); }
  ~Cork() { Set(0); }
  Cork(const Cork&) = delete;
  Cork& operator=(const Cork&) = delete;

 private:
  // Only speed is at stake.
  void Set(int on) const { setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &on, sizeof on); }

  const int socket_;
};

}  // namespace

absl::Status RabbitmqLink::EnableConfirms() {
  amqp_confirm_select(state_.get(), kChannel);
  return Lost(
      ReplyStatus(state_.get(), kChannel, amqp_get_rpc_reply(state_.get()), "confirm.select"));
}

absl::StatusOr<std::uint64_t> RabbitmqLink::Publish(std::string_view exchange,
                                                    std::span<const Publication> messages) {
  const std::uint64_t first = next_publish_tag_;
  const Cork cork(amqp_get_sockfd(state_.get()));
  for (const Publication& message : messages) {
    absl::Status sent = CodeStatus(PublishOne(exchange, message), "basic.publish");
    if (!sent.ok()) return Lost(std::move(sent));
    ++next_publish_tag_;
  }
  return first;
}

int RabbitmqLink::PublishOne(std::string_view exchange, const Publication& message) {
  amqp_table_entry_t trace{};
  trace.key = ToBytes("traceparent");
  trace.value.kind = AMQP_FIELD_KIND_UTF8;
  trace.value.value.bytes = ToBytes(message.trace);

  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                      AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG |
                      AMQP_BASIC_TYPE_FLAG;
  properties.content_type = ToBytes("application/x-protobuf");
  properties.delivery_mode = kPersistent;
  properties.message_id = ToBytes(message.message_id);
  properties.correlation_id = ToBytes(message.correlation_id);
  properties.type = ToBytes(message.type);
  if (!message.trace.empty()) {
    properties._flags |= AMQP_BASIC_HEADERS_FLAG;
    properties.headers = {1, &trace};
  }
  return amqp_basic_publish(state_.get(), kChannel, ToBytes(exchange), ToBytes(message.type),
                            /*mandatory=*/1,
                            /*immediate=*/0, &properties, ToBytes(message.body));
}

absl::Status RabbitmqLink::Consume(const std::string& queue, std::uint16_t prefetch_deliveries) {
  amqp_basic_qos(state_.get(), kChannel, /*prefetch_size=*/0, prefetch_deliveries, /*global=*/0);
  absl::Status limited =
      ReplyStatus(state_.get(), kChannel, amqp_get_rpc_reply(state_.get()), "basic.qos");
  if (!limited.ok()) return Lost(std::move(limited));
  amqp_basic_consume(state_.get(), kChannel, ToBytes(queue), amqp_empty_bytes, /*no_local=*/0,
                     /*no_ack=*/0,
                     /*exclusive=*/0, amqp_empty_table);
  consumed_queue_ = queue;
  return Lost(ReplyStatus(state_.get(), kChannel, amqp_get_rpc_reply(state_.get()),
                          absl::StrCat("basic.consume ", queue)));
}

absl::Status RabbitmqLink::Send(std::span<const Ack> acks) {
  const Cork cork(amqp_get_sockfd(state_.get()));
  for (const Ack& ack : acks) {
    absl::Status sent = CodeStatus(
        amqp_basic_ack(state_.get(), kChannel, ack.tag, ack.multiple ? 1 : 0), "basic.ack");
    if (!sent.ok()) return Lost(std::move(sent));
  }
  return absl::OkStatus();
}

absl::Status RabbitmqLink::Reject(std::uint64_t tag) {
  return Lost(
      CodeStatus(amqp_basic_reject(state_.get(), kChannel, tag, /*requeue=*/0), "basic.reject"));
}

absl::StatusOr<std::optional<Event>> RabbitmqLink::Next(host::Deadline deadline,
                                                        host::Wakeup& wakeup) {
  const bool was_blocked = blocked_;
  while (true) {
    // rabbitmq-c may hold whole frames that no poll() of the socket shows.
    amqp_frame_t frame;
    timeval no_wait{};
    const int code = amqp_simple_wait_frame_noblock(state_.get(), &frame, &no_wait);
    if (code == AMQP_STATUS_OK) {
      absl::StatusOr<std::optional<Event>> event = Read(frame);
      if (!event.ok()) return Lost(event.status());
      if (event->has_value() || blocked_ != was_blocked) return event;
      continue;
    }
    if (code != AMQP_STATUS_TIMEOUT) return Lost(CodeStatus(code, "reading"));
    if (wakeup.pending() || deadline.Passed()) return std::nullopt;
    wakeup.Wait(std::min(deadline, host::Deadline::After(wait_max_)),
                amqp_get_sockfd(state_.get()));
  }
}

absl::StatusOr<std::optional<Event>> RabbitmqLink::Read(const amqp_frame_t& frame) {
  if (frame.channel == 0) {
    absl::Status read = ReadConnectionMethod(frame);
    amqp_maybe_release_buffers_on_channel(state_.get(), 0);
    if (!read.ok()) return read;
    return std::nullopt;
  }
  absl::StatusOr<std::optional<Event>> event = reader_.Read(frame);
  amqp_maybe_release_buffers_on_channel(state_.get(), frame.channel);
  return event;
}

absl::Status RabbitmqLink::ReadConnectionMethod(const amqp_frame_t& frame) {
  if (frame.frame_type != AMQP_FRAME_METHOD) return absl::OkStatus();
  switch (frame.payload.method.id) {
    case AMQP_CONNECTION_BLOCKED_METHOD:
      blocked_ = true;
      return absl::OkStatus();
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      blocked_ = false;
      return absl::OkStatus();
    case AMQP_CONNECTION_CLOSE_METHOD: {
      const auto* close = static_cast<const amqp_connection_close_t*>(frame.payload.method.decoded);
      absl::Status status = CloseStatus(close->reply_code, close->reply_text, "connection closed");
      amqp_connection_close_ok_t close_ok{};
      amqp_send_method(state_.get(), 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &close_ok);
      return status;
    }
    default:
      return absl::UnavailableError(
          absl::StrCat("unexpected connection method ", amqp_method_name(frame.payload.method.id)));
  }
}

absl::Status RabbitmqLink::Lost(absl::Status status) {
  if (!status.ok()) open_ = false;
  return status;
}

}  // namespace amqp
