#ifndef PLATFORM_AMQP_RABBITMQ_H_
#define PLATFORM_AMQP_RABBITMQ_H_

// The only includer of rabbitmq-c; its headers moved in 0.12.
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#endif

#include <string>
#include <string_view>

namespace amqp {

// Views `text`, which must outlive the result.
inline amqp_bytes_t ToBytes(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

// Copies: rabbitmq-c reuses the memory behind `bytes`.
inline std::string ToString(const amqp_bytes_t& bytes) {
  return bytes.len == 0 ? std::string()
                        : std::string(static_cast<const char*>(bytes.bytes), bytes.len);
}

}  // namespace amqp

#endif  // PLATFORM_AMQP_RABBITMQ_H_
