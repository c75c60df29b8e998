#ifndef PLATFORM_RPC_ECHO_SERVER_TEST_H_
#define PLATFORM_RPC_ECHO_SERVER_TEST_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "echo_test.grpc.pb.h"
#include "google_rpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "platform/rpc/reactor.h"
#include "platform/rpc/server.h"

namespace rpc {

// An echo service whose method the test gives.
class EchoService final : public test::EchoService::CallbackService {
 public:
  using Method = std::function<grpc::ServerUnaryReactor*(
      grpc::CallbackServerContext*, const test::EchoRequest*, test::EchoReply*)>;

  explicit EchoService(Method method) : method_(std::move(method)) {}

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const test::EchoRequest* request,
                                 test::EchoReply* reply) override {
    return method_(context, request, reply);
  }

 private:
  const Method method_;
};

inline std::shared_ptr<grpc::Channel> ConnectTo(const Server& server) {
  return grpc::CreateChannel(absl::StrCat("127.0.0.1:", server.port()),
                             grpc::InsecureChannelCredentials());
}

// The first detail of this type; empty if there is none.
template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  Detail detail;
  for (const auto& any : details.details()) {
    if (any.Is<Detail>() && any.UnpackTo(&detail)) break;
  }
  return detail;
}

}  // namespace rpc

#endif  // PLATFORM_RPC_ECHO_SERVER_TEST_H_
