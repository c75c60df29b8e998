#include "platform/rpc/stream.h"

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "platform/observability/metrics.h"
#include "platform/rpc/echo_server_test.h"
#include "platform/types/error.h"

namespace rpc {
namespace {

using ::testing::ElementsAre;
using EchoStream = Stream<test::EchoReply>;

const absl::Duration kLong = absl::Seconds(10);

test::EchoReply Reply(const std::string& text) {
  test::EchoReply reply;
  reply.set_text(text);
  return reply;
}

// An echo service whose stream the test gives.
class EchoesService final : public test::EchoService::CallbackService {
 public:
  using Handle = std::function<void(const Caller&, const test::EchoesRequest&, const EchoStream&)>;

  EchoesService(Streams& streams, WorkerPool& pool, CallRules rules, Handle handle)
      : streams_(streams), pool_(pool), rules_(rules), handle_(std::move(handle)) {}

  grpc::ServerWriteReactor<test::EchoReply>* Echoes(grpc::CallbackServerContext* context,
                                                    const test::EchoesRequest* request) override {
    return StreamOnPool<test::EchoesRequest, test::EchoReply>(context, request, rules_, streams_,
                                                              pool_, handle_);
  }

 private:
  Streams& streams_;
  WorkerPool& pool_;
  const CallRules rules_;
  const Handle handle_;
};

// One call of a client.
class Client {
 public:
  Client(test::EchoService::Stub& stub, const std::string& user, absl::Duration timeout = kLong) {
    if (!user.empty()) context_.AddMetadata("x-user-id", user);
    if (timeout < absl::InfiniteDuration()) {
      context_.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    }
    test::EchoesRequest request;
    request.set_text("hello");
    reader_ = stub.Echoes(&context_, request);
  }

  // The next text; "END" when there is none.
  std::string Next() {
    test::EchoReply reply;
    return reader_->Read(&reply) ? reply.text() : "END";
  }

  std::vector<std::string> All() {
    std::vector<std::string> all;
    for (std::string text = Next(); text != "END"; text = Next()) all.push_back(text);
    return all;
  }

  grpc::Status End() {
    All();
    return reader_->Finish();
  }

  void Leave() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<test::EchoReply>> reader_;
};

// A running server with one stream.
class Running {
 public:
  explicit Running(EchoesService::Handle handle, CallRules rules = "test",
                   std::size_t open_max = 100)
      : streams_(open_max),
        echoes_(streams_, pool_, rules, std::move(handle)),
        server_({.listen = "127.0.0.1:0", .end_streams = [this] { streams_.EndAll(); }},
                {&echoes_}) {
    pool_.Start();
    server_.Start();
    stub_ = test::EchoService::NewStub(ConnectTo(server_));
  }
  ~Running() {
    server_.Stop();
    pool_.Stop();
  }

  test::EchoService::Stub& stub() { return *stub_; }
  Streams& streams() { return streams_; }
  Server& server() { return server_; }

 private:
  Streams streams_;
  WorkerPool pool_{{.threads = 1, .queue_tasks_max = 10}};
  EchoesService echoes_;
  Server server_;
  std::unique_ptr<test::EchoService::Stub> stub_;
};

// Says who came and waits for what may come.
void Greet(const Caller& caller, const test::EchoesRequest& request, const EchoStream& stream) {
  stream.Send(Reply(caller.user_id().ToString() + " says " + request.text()));
}

std::string ReasonOf(const grpc::Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status).reason();
}

double OpenStreams() {
  return observability::NewGauge("rpc_streams_open", "Server streams open now.").Value();
}

bool Eventually(const std::function<bool()>& done) {
  const absl::Time give_up = absl::Now() + kLong;
  while (!done()) {
    if (absl::Now() > give_up) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(StreamTest, SendsWhatItsHandlerSendsUntilTheLast) {
  Running echoes([](const Caller&, const test::EchoesRequest& request, const EchoStream& stream) {
    stream.SendLast(Reply(request.text()));
    stream.Send(Reply("too late"));
    stream.End(absl::InternalError("too late"));
  });
  Client client(echoes.stub(), "u1");
  EXPECT_THAT(client.All(), ElementsAre("hello"));
  EXPECT_TRUE(client.End().ok());
}

TEST(StreamTest, GoesOnFromAnyThreadLongAfterItsHandlerHasReturned) {
  std::promise<EchoStream> begun;
  Running echoes(
      [&](const Caller& caller, const test::EchoesRequest& request, const EchoStream& stream) {
        Greet(caller, request, stream);
        begun.set_value(stream);
      });
  Client client(echoes.stub(), "u1");
  EXPECT_EQ(client.Next(), "u1 says hello");
  const EchoStream stream = begun.get_future().get();
  stream.Send(Reply("second"));
  EXPECT_EQ(client.Next(), "second");
  std::thread([&] { stream.SendLast(Reply("third")); }).join();
  EXPECT_EQ(client.Next(), "third");
  EXPECT_TRUE(client.End().ok());
}

TEST(StreamTest, ToldAtOnceTheLastIsNeverLost) {
  Running echoes([](const Caller&, const test::EchoesRequest&, const EchoStream& stream) {
    for (int i = 0; i < 1000; ++i) stream.Send(Reply("now"));
    stream.SendLast(Reply("last"));
  });
  Client client(echoes.stub(), "u1");
  const std::vector<std::string> all = client.All();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front(), "now");
  EXPECT_EQ(all.back(), "last");
  EXPECT_TRUE(client.End().ok());
}

TEST(StreamTest, TellsItsErrorWithTheReason) {
  Running echoes([](const Caller&, const test::EchoesRequest&, const EchoStream& stream) {
    stream.End(types::Error(absl::StatusCode::kNotFound, "ECHO_NOT_FOUND", "no echo"));
  });
  const grpc::Status end = Client(echoes.stub(), "u1").End();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(end), "ECHO_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Client(echoes.stub(), "").End()), "MISSING_USER_ID");
  EXPECT_EQ(ReasonOf(Client(echoes.stub(), "u 1").End()), "INVALID_USER_ID");
}

TEST(StreamTest, EndsWhenItHasLastedAsLongAsItMay) {
  CallRules rules("test");
  rules.deadlines.fallback = absl::Milliseconds(50);
  rules.deadlines.max = absl::Milliseconds(50);
  Running echoes(Greet, rules);
  for (const absl::Duration asked : {absl::InfiniteDuration(), kLong}) {
    Client client(echoes.stub(), "u1", asked);
    EXPECT_THAT(client.All(), ElementsAre("u1 says hello"));
    const grpc::Status end = client.End();
    EXPECT_EQ(end.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
    EXPECT_EQ(ReasonOf(end), "DEADLINE_EXCEEDED");
  }
}

TEST(StreamTest, OneTooManyIsOverloadedUntilAnotherEnds) {
  Running echoes(Greet, "test", 1);
  Client first(echoes.stub(), "u1");
  EXPECT_EQ(first.Next(), "u1 says hello");
  const grpc::Status refused = Client(echoes.stub(), "u2").End();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  first.Leave();
  ASSERT_TRUE(Eventually([] { return OpenStreams() == 0; }));
  EXPECT_EQ(Client(echoes.stub(), "u2").Next(), "u2 says hello");
}

TEST(StreamTest, AClientThatLeavesEndsIt) {
  absl::Notification ended;
  Running echoes(
      [&](const Caller& caller, const test::EchoesRequest& request, const EchoStream& stream) {
        stream.AfterEnd([&] { ended.Notify(); });
        Greet(caller, request, stream);
      });
  Client client(echoes.stub(), "u1");
  EXPECT_EQ(client.Next(), "u1 says hello");
  client.Leave();
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kLong));
}

TEST(StreamTest, WhatIsToFollowTheEndRunsAtOnceAfterIt) {
  absl::Notification ran;
  Running echoes([&](const Caller&, const test::EchoesRequest&, const EchoStream& stream) {
    stream.SendLast(Reply("only"));
    stream.AfterEnd([&] { ran.Notify(); });
  });
  EXPECT_TRUE(Client(echoes.stub(), "u1").End().ok());
  EXPECT_TRUE(ran.WaitForNotificationWithTimeout(kLong));
}

TEST(StreamTest, AStopEndsAllAtOnceAndLetsNoMoreBegin) {
  Running echoes(Greet);
  Client one(echoes.stub(), "u1");
  Client other(echoes.stub(), "u2");
  EXPECT_EQ(one.Next(), "u1 says hello");
  EXPECT_EQ(other.Next(), "u2 says hello");
  echoes.streams().EndAll();
  for (Client* const client : {&one, &other}) {
    EXPECT_EQ(client->End().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  EXPECT_EQ(Client(echoes.stub(), "u3").End().error_code(), grpc::StatusCode::UNAVAILABLE);
  const absl::Time before = absl::Now();
  echoes.server().Stop();
  EXPECT_LT(absl::Now() - before, kLong / 2);
}

// Its window is full: the call cannot be finished before the client reads or leaves.
TEST(StreamTest, AStopDoesNotWaitForAClientThatReadsNothing) {
  const std::string large(100'000, 'x');
  absl::Notification sent;
  Running echoes([&](const Caller&, const test::EchoesRequest&, const EchoStream& stream) {
    for (int i = 0; i < 1000; ++i) stream.Send(Reply(large));
    sent.Notify();
  });
  Client client(echoes.stub(), "u1");
  ASSERT_TRUE(sent.WaitForNotificationWithTimeout(kLong));
  const absl::Time before = absl::Now();
  echoes.server().Stop();
  EXPECT_LT(absl::Now() - before, kLong / 2);
}

TEST(StreamTest, CountsItsEndByMethodAndCode) {
  const observability::Counter counter = observability::NewCounter(
      "rpc_calls_total", "Calls answered.", {{"method", "Echoes"}, {"code", "UNAUTHENTICATED"}});
  const double before = counter.Value();
  Running echoes(Greet);
  Client(echoes.stub(), "").End();
  EXPECT_EQ(counter.Value(), before + 1);
}

TEST(StreamTest, AFullPoolIsAnsweredOverloaded) {
  WorkerPool full({.threads = 1, .queue_tasks_max = 0});
  Streams streams(1);
  EchoesService service(streams, full, "test", Greet);
  Server server({.listen = "127.0.0.1:0"}, {&service});
  server.Start();
  const auto stub = test::EchoService::NewStub(ConnectTo(server));
  EXPECT_EQ(ReasonOf(Client(*stub, "u1").End()), "OVERLOADED");
}

}  // namespace
}  // namespace rpc
