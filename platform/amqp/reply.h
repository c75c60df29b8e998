#ifndef PLATFORM_AMQP_REPLY_H_
#define PLATFORM_AMQP_REPLY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "platform/amqp/rabbitmq.h"

namespace amqp {

// A return code of rabbitmq-c: OK or UNAVAILABLE.
absl::Status CodeStatus(int code, absl::string_view doing);

// Why the broker closed a channel or connection: 403 PERMISSION_DENIED, 404
// NOT_FOUND, 406 FAILED_PRECONDITION, else UNAVAILABLE.
absl::Status CloseStatus(std::uint16_t reply_code, const amqp_bytes_t& reply_text,
                         absl::string_view doing);

// The reply to the last call of `state` that awaited one. A channel or connection
// that the broker closed instead of replying is acknowledged as closed.
absl::Status ReplyStatus(amqp_connection_state_t state, amqp_channel_t channel,
                         const amqp_rpc_reply_t& reply, absl::string_view doing);

}  // namespace amqp

#endif  // PLATFORM_AMQP_REPLY_H_
