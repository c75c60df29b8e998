#include "platform/rpc/server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "platform/rpc/echo_server_test.h"

namespace rpc {
namespace {

using ::testing::HasSubstr;

EchoService::Method Repeat() {
  return [](auto* context, auto* request, auto* reply) {
    return Unary(
        context, request, reply, "test",
        [](const Caller&, const test::EchoRequest& asked, const Done<test::EchoReply>& done) {
          test::EchoReply answer;
          answer.set_text(asked.text());
          done(answer);
        });
  };
}

grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& text) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
  context.AddMetadata("x-user-id", "u1");
  test::EchoRequest request;
  request.set_text(text);
  test::EchoReply reply;
  return test::EchoService::NewStub(channel)->Echo(&context, request, &reply);
}

// Calls a method with ready-made bytes: health and reflection have no generated
// code here.
grpc::Status CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request, std::string* reply) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareCall(&context, method, &queue);
  const auto await = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
  };
  call->StartCall(nullptr), await();
  const grpc::Slice bytes(request);
  call->Write(grpc::ByteBuffer(&bytes, 1), nullptr), await();
  call->WritesDone(nullptr), await();
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr), await();
  grpc::Slice whole;
  if (answer.Valid() && answer.DumpToSingleSlice(&whole).ok()) {
    reply->assign(reinterpret_cast<const char*>(whole.begin()), whole.size());
  }
  grpc::Status status;
  call->Finish(&status, nullptr), await();
  return status;
}

// The status in grpc.health.v1.HealthCheckResponse; NOT_FOUND has none.
std::string HealthOf(const Server& server, const std::string& service) {
  std::string request;
  if (!service.empty()) {
    request = "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
  }
  std::string reply;
  const grpc::Status status =
      CallRaw(ConnectTo(server), "/grpc.health.v1.Health/Check", request, &reply);
  if (!status.ok()) return "unknown";
  if (reply == "\x08\x01") return "SERVING";
  return reply == "\x08\x02" ? "NOT_SERVING" : "?";
}

class ServerTest : public testing::Test {
 protected:
  EchoService echo_{Repeat()};
};

TEST_F(ServerTest, AnswersOnItsPort) {
  Server server({.listen = "127.0.0.1:0"}, {&echo_});
  server.Start();
  EXPECT_TRUE(Call(ConnectTo(server), "hello").ok());
}

TEST_F(ServerTest, RefusesALargerMessageThanItsLimit) {
  Server server({.listen = "127.0.0.1:0", .message_bytes_max = 1000}, {&echo_});
  server.Start();
  EXPECT_TRUE(Call(ConnectTo(server), std::string(900, 'a')).ok());
  EXPECT_EQ(Call(ConnectTo(server), std::string(1000, 'a')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ServerTest, IsNotServingUntilToldSo) {
  Server server({.listen = "127.0.0.1:0"}, {&echo_});
  server.Start();
  EXPECT_EQ(HealthOf(server, ""), "NOT_SERVING");
  EXPECT_EQ(HealthOf(server, "database"), "unknown");
  server.SetServing("", true);
  server.SetServing("database", false);
  EXPECT_EQ(HealthOf(server, ""), "SERVING");
  EXPECT_EQ(HealthOf(server, "database"), "NOT_SERVING");
}

TEST_F(ServerTest, ListsItsServicesByReflection) {
  Server server({.listen = "127.0.0.1:0"}, {&echo_});
  server.Start();
  std::string reply;
  // ServerReflectionRequest{list_services: ""}
  ASSERT_TRUE(CallRaw(ConnectTo(server),
                      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                      std::string("\x3a\x00", 2), &reply)
                  .ok());
  EXPECT_THAT(reply, HasSubstr("rpc.test.EchoService"));
  EXPECT_THAT(reply, HasSubstr("grpc.health.v1.Health"));
}

TEST_F(ServerTest, DescribesTheHealthServiceByReflection) {
  Server server({.listen = "127.0.0.1:0"}, {&echo_});
  server.Start();
  const std::string symbol = "grpc.health.v1.Health";
  std::string reply;
  // ServerReflectionRequest{file_containing_symbol: symbol}
  ASSERT_TRUE(CallRaw(ConnectTo(server),
                      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                      "\x22" + std::string(1, static_cast<char>(symbol.size())) + symbol, &reply)
                  .ok());
  EXPECT_THAT(reply, HasSubstr("HealthCheckRequest"));
}

TEST_F(ServerTest, StopLetsNobodyInAndIsSafeTwiceAndWithoutStart) {
  Server server({.listen = "127.0.0.1:0"}, {&echo_});
  server.Stop();
  server.Start();
  const auto channel = ConnectTo(server);
  EXPECT_TRUE(Call(channel, "hello").ok());
  server.Stop();
  server.Stop();
  EXPECT_EQ(Call(channel, "hello").error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, StopSaysNotServingWhileItStillTakesCalls) {
  Server server({.listen = "127.0.0.1:0", .stop_drain = absl::Seconds(2)}, {&echo_});
  server.Start();
  server.SetServing("", true);
  const auto channel = ConnectTo(server);
  ASSERT_EQ(HealthOf(server, ""), "SERVING");
  std::thread stopper([&] { server.Stop(); });
  while (HealthOf(server, "") == "SERVING") {
  }
  EXPECT_TRUE(Call(channel, "hello").ok());
  stopper.join();
  EXPECT_EQ(Call(channel, "hello").error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, StopCancelsCallsThatOutlastTheGrace) {
  std::promise<Done<test::EchoReply>> arrived;
  EchoService slow([&](auto* context, auto* request, auto* reply) {
    return Unary(context, request, reply, "test",
                 [&](const Caller&, const test::EchoRequest&, Done<test::EchoReply> done) {
                   arrived.set_value(std::move(done));
                 });
  });
  Server server({.listen = "127.0.0.1:0", .stop_grace = absl::Milliseconds(50)}, {&slow});
  server.Start();
  std::thread client([&, channel = ConnectTo(server)] { EXPECT_FALSE(Call(channel, "x").ok()); });
  Done<test::EchoReply> done = arrived.get_future().get();
  std::thread stopper([&] { server.Stop(); });
  client.join();
  done(test::EchoReply());
  stopper.join();
}

class UnixSocketTest : public ServerTest {
 protected:
  UnixSocketTest() {
    std::string pattern = testing::TempDir() + "rpcXXXXXX";
    directory_ = mkdtemp(pattern.data());
    path_ = directory_ + "/grpc.sock";
  }
  ~UnixSocketTest() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
  std::string path_;
};

TEST_F(UnixSocketTest, OwnerAndGroupMayConnect) {
  Server server({.listen = "127.0.0.1:0", .unix_socket = path_}, {&echo_});
  server.Start();
  struct stat file {};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0660u);
  EXPECT_TRUE(
      Call(grpc::CreateChannel("unix:" + path_, grpc::InsecureChannelCredentials()), "x").ok());
}

TEST_F(UnixSocketTest, ASocketLeftByAKilledProcessIsReplaced) {
  const int left = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  close(left);
  Server server({.listen = "127.0.0.1:0", .unix_socket = path_}, {&echo_});
  server.Start();
  EXPECT_TRUE(
      Call(grpc::CreateChannel("unix:" + path_, grpc::InsecureChannelCredentials()), "x").ok());
}

using ServerDeathTest = ServerTest;

TEST_F(ServerDeathTest, ATakenPortEndsTheProcess) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  Server server({.listen = "127.0.0.1:0"}, {&echo_});
  server.Start();
  Server second({.listen = absl::StrCat("127.0.0.1:", server.port())}, {&echo_});
  EXPECT_EXIT(second.Start(), testing::ExitedWithCode(EXIT_FAILURE), "cannot listen for calls");
}

}  // namespace
}  // namespace rpc
