#ifndef PLATFORM_RPC_STATUS_H_
#define PLATFORM_RPC_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

namespace rpc {

// What a client is told: the code, the message and google.rpc details, an
// ErrorInfo with the reason in `domain`, and a BadRequest if a field is at
// fault.
//
// A status without a reason (types/error.h) has a text that is not for clients.
// UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED and RESOURCE_EXHAUSTED keep their
// code under a constant text; every other one becomes INTERNAL, its own text
// logged.
grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view domain);

// RESOURCE_EXHAUSTED OVERLOADED: a queue is full, the caller may try again.
absl::Status OverloadedError();

}  // namespace rpc

#endif  // PLATFORM_RPC_STATUS_H_
