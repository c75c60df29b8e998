#include "platform/amqp/frame_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "platform/amqp/reply.h"

namespace amqp {
namespace {

std::string_view View(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

}  // namespace

absl::StatusOr<std::optional<Event>> FrameReader::Read(const amqp_frame_t& frame) {
  switch (frame.frame_type) {
    case AMQP_FRAME_METHOD:
      return ReadMethod(frame.payload.method);
    case AMQP_FRAME_HEADER:
      if (content_ == Content::kNone) break;
      ReadProperties(
          *static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded));
      body_bytes_left_ = frame.payload.properties.body_size;
      return EventIfWhole();
    case AMQP_FRAME_BODY:
      if (content_ == Content::kNone) break;
      ReadBody(frame.payload.body_fragment);
      return EventIfWhole();
    default:
      break;
  }
  return absl::UnavailableError(absl::StrCat("unexpected frame of type ", frame.frame_type));
}

absl::StatusOr<std::optional<Event>> FrameReader::ReadMethod(const amqp_method_t& method) {
  switch (method.id) {
    case AMQP_BASIC_DELIVER_METHOD:
      content_ = Content::kDelivery;
      message_ = Delivery{};
      message_.tag = static_cast<const amqp_basic_deliver_t*>(method.decoded)->delivery_tag;
      return std::nullopt;
    case AMQP_BASIC_RETURN_METHOD:
      content_ = Content::kReturn;
      message_ = Delivery{};
      return std::nullopt;
    case AMQP_BASIC_ACK_METHOD: {
      const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
      return Confirm{.tag = ack->delivery_tag, .multiple = ack->multiple != 0, .accepted = true};
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto* nack = static_cast<const amqp_basic_nack_t*>(method.decoded);
      return Confirm{.tag = nack->delivery_tag, .multiple = nack->multiple != 0, .accepted = false};
    }
    case AMQP_BASIC_CANCEL_METHOD:
      return absl::UnavailableError("the broker cancelled the consumer: its queue is gone");
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const auto* close = static_cast<const amqp_channel_close_t*>(method.decoded);
      return CloseStatus(close->reply_code, close->reply_text, "channel closed");
    }
    default:
      return absl::UnavailableError(
          absl::StrCat("unexpected method ", amqp_method_name(method.id)));
  }
}

void FrameReader::ReadProperties(const amqp_basic_properties_t& properties) {
  const auto text = [&](amqp_flags_t flag, const amqp_bytes_t& bytes) {
    return (properties._flags & flag) != 0 ? ToString(bytes) : std::string();
  };
  message_.message_id = text(AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id);
  message_.correlation_id = text(AMQP_BASIC_CORRELATION_ID_FLAG, properties.correlation_id);
  message_.type = text(AMQP_BASIC_TYPE_FLAG, properties.type);
  message_.content_type = text(AMQP_BASIC_CONTENT_TYPE_FLAG, properties.content_type);
  if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0) ReadHeaders(properties.headers);
}

void FrameReader::ReadHeaders(const amqp_table_t& headers) {
  for (int i = 0; i < headers.num_entries; ++i) {
    const amqp_table_entry_t& entry = headers.entries[i];
    if (View(entry.key) == "traceparent" && entry.value.kind == AMQP_FIELD_KIND_UTF8) {
      message_.trace = ToString(entry.value.value.bytes);
    } else if (View(entry.key) == "x-delivery-count") {
      // The broker picks the width by the value.
      switch (entry.value.kind) {
        case AMQP_FIELD_KIND_I64:
          message_.delivery_count = entry.value.value.i64;
          break;
        case AMQP_FIELD_KIND_I32:
          message_.delivery_count = entry.value.value.i32;
          break;
        case AMQP_FIELD_KIND_I16:
          message_.delivery_count = entry.value.value.i16;
          break;
        case AMQP_FIELD_KIND_I8:
          message_.delivery_count = entry.value.value.i8;
          break;
        case AMQP_FIELD_KIND_U8:
          message_.delivery_count = entry.value.value.u8;
          break;
        default:
          break;
      }
    }
  }
}

void FrameReader::ReadBody(const amqp_bytes_t& fragment) {
  const std::size_t room = body_bytes_max_ - message_.body.size();
  message_.body.append(View(fragment).substr(0, room));
  message_.cut = message_.cut || fragment.len > room;
  body_bytes_left_ -= std::min<std::uint64_t>(body_bytes_left_, fragment.len);
}

std::optional<Event> FrameReader::EventIfWhole() {
  if (body_bytes_left_ > 0) return std::nullopt;
  const Content content = std::exchange(content_, Content::kNone);
  if (content == Content::kReturn) return Return{.message_id = std::move(message_.message_id)};
  return std::move(message_);
}

}  // namespace amqp
