#include "platform/amqp/reply.h"

#include "absl/strings/str_cat.h"

namespace amqp {
namespace {

absl::StatusCode CodeOf(std::uint16_t reply_code) {
  switch (reply_code) {
    case AMQP_ACCESS_REFUSED:
      return absl::StatusCode::kPermissionDenied;
    case AMQP_NOT_FOUND:
      return absl::StatusCode::kNotFound;
    case AMQP_PRECONDITION_FAILED:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::Status CodeStatus(int code, absl::string_view doing) {
  if (code == AMQP_STATUS_OK) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(doing, ": ", amqp_error_string2(code)));
}

absl::Status CloseStatus(std::uint16_t reply_code, const amqp_bytes_t& reply_text,
                         absl::string_view doing) {
  return {CodeOf(reply_code), absl::StrCat(doing, ": ", ToString(reply_text))};
}

absl::Status ReplyStatus(amqp_connection_state_t state, amqp_channel_t channel,
                         const amqp_rpc_reply_t& reply, absl::string_view doing) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return absl::OkStatus();
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      return CodeStatus(reply.library_error, doing);
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      break;
    case AMQP_RESPONSE_NONE:
      return absl::UnavailableError(absl::StrCat(doing, ": no reply"));
  }
  if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto* close = static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
    const absl::Status status = CloseStatus(close->reply_code, close->reply_text, doing);
    amqp_channel_close_ok_t close_ok{};
    amqp_send_method(state, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &close_ok);
    return status;
  }
  if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto* close = static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
    const absl::Status status = CloseStatus(close->reply_code, close->reply_text, doing);
    amqp_connection_close_ok_t close_ok{};
    amqp_send_method(state, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &close_ok);
    return status;
  }
  return absl::UnavailableError(absl::StrCat(doing, ": unexpected reply"));
}

}  // namespace amqp
