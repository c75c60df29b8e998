#include "platform/rpc/reactor.h"

#include <atomic>
#include <future>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "platform/observability/metrics.h"
#include "platform/rpc/echo_server_test.h"
#include "platform/types/error.h"

namespace rpc {
namespace {

using ::testing::StartsWith;
using Metadata = std::initializer_list<std::pair<std::string, std::string>>;
using EchoDone = Done<test::EchoReply>;

const absl::Duration kLong = absl::Seconds(10);

test::EchoReply Reply(const std::string& text) {
  test::EchoReply reply;
  reply.set_text(text);
  return reply;
}

std::string ReasonOf(const grpc::Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status).reason();
}

// A running server with one method, and a client of it.
class Running {
 public:
  explicit Running(EchoService::Method method)
      : echo_(std::move(method)), server_({.listen = "127.0.0.1:0"}, {&echo_}) {
    server_.Start();
    stub_ = test::EchoService::NewStub(ConnectTo(server_));
  }

  grpc::Status Call(grpc::ClientContext& context, absl::Duration timeout = kLong) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    test::EchoRequest request;
    request.set_text("hello");
    reply_.Clear();
    return stub_->Echo(&context, request, &reply_);
  }

  grpc::Status Call(const Metadata& metadata) {
    grpc::ClientContext context;
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    return Call(context);
  }

  const std::string& reply() const { return reply_.text(); }

 private:
  EchoService echo_;
  Server server_;
  std::unique_ptr<test::EchoService::Stub> stub_;
  test::EchoReply reply_;
};

// A method that hands each call to `handle`.
template <typename Handle>
EchoService::Method On(Handle handle) {
  return [handle](auto* context, auto* request, auto* reply) {
    return Unary(context, request, reply, "test", handle);
  };
}

template <typename Handle>
EchoService::Method OnPool(WorkerPool& pool, Handle handle) {
  return [&pool, handle](auto* context, auto* request, auto* reply) {
    return UnaryOnPool(context, request, reply, "test", pool, handle);
  };
}

// Answers with the user and the request.
EchoService::Method Greet() {
  return On([](const Caller& caller, const test::EchoRequest& request, const EchoDone& done) {
    done(Reply(caller.user_id().ToString() + " says " + request.text()));
  });
}

TEST(UnaryTest, AnswersWhatTheHandlerAnswers) {
  Running echo(Greet());
  EXPECT_TRUE(echo.Call({{"x-user-id", "u1"}}).ok());
  EXPECT_EQ(echo.reply(), "u1 says hello");
}

TEST(UnaryTest, ACallWithoutUserIsUnauthenticated) {
  Running echo(Greet());
  for (const Metadata& metadata :
       {Metadata{}, Metadata{{"x-user-id", ""}}, Metadata{{"x-user-id", "  "}}}) {
    const grpc::Status status = echo.Call(metadata);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(ReasonOf(status), "MISSING_USER_ID");
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).domain(), "test");
  }
}

TEST(UnaryTest, AMalformedOrRepeatedUserIsInvalid) {
  Running echo(Greet());
  for (const Metadata& metadata :
       {Metadata{{"x-user-id", "u1"}, {"x-user-id", "u2"}},
        Metadata{{"x-user-id", "u1"}, {"x-user-id", "u1"}}, Metadata{{"x-user-id", "u1,u2"}},
        Metadata{{"x-user-id", "u 1"}}, Metadata{{"x-user-id", std::string(65, 'a')}},
        Metadata{{"x-user-id", std::string(5000, 'a')}}}) {
    const grpc::Status status = echo.Call(metadata);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(status), "INVALID_USER_ID");
    const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
    ASSERT_EQ(bad_request.field_violations_size(), 1);
    EXPECT_EQ(bad_request.field_violations(0).field(), "x-user-id");
  }
}

TEST(UnaryTest, TellsTheHandlersErrorWithItsReason) {
  Running echo(On([](const Caller&, const test::EchoRequest&, const EchoDone& done) {
    done(types::Error(absl::StatusCode::kNotFound, "ECHO_NOT_FOUND", "no echo"));
  }));
  const grpc::Status status = echo.Call({{"x-user-id", "u1"}});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no echo");
  EXPECT_EQ(ReasonOf(status), "ECHO_NOT_FOUND");
}

TEST(UnaryTest, TheFirstAnswerCountsFromWhateverThread) {
  std::thread later;
  Running echo(On([&](const Caller&, const test::EchoRequest&, EchoDone done) {
    later = std::thread([done = std::move(done)] {
      done(Reply("first"));
      done(Reply("second"));
      done(absl::UnavailableError("third"));
    });
  }));
  EXPECT_TRUE(echo.Call({{"x-user-id", "u1"}}).ok());
  EXPECT_EQ(echo.reply(), "first");
  later.join();
}

TEST(UnaryTest, ADroppedCallIsAnsweredInternal) {
  Running echo(On([](const Caller&, const test::EchoRequest&, const EchoDone&) {}));
  const grpc::Status status = echo.Call({{"x-user-id", "u1"}});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
}

TEST(UnaryTest, GivesTheCallersDeadlineButNoneTooFarAway) {
  std::optional<absl::Time> deadline;
  Running echo(On([&](const Caller& caller, const test::EchoRequest&, const EchoDone& done) {
    deadline = caller.deadline();
    done(Reply(""));
  }));
  const DeadlineLimits limits;
  const struct {
    absl::Duration asked;
    absl::Duration given;
  } cases[] = {{absl::Seconds(3), absl::Seconds(3)},
               {absl::Hours(3), limits.max},
               {absl::InfiniteDuration(), limits.fallback}};
  for (const auto& c : cases) {
    grpc::ClientContext context;
    context.AddMetadata("x-user-id", "u1");
    const absl::Time before = absl::Now();
    ASSERT_TRUE(echo.Call(context, c.asked).ok());
    EXPECT_GE(*deadline, before + c.given - absl::Milliseconds(100));
    EXPECT_LE(*deadline, absl::Now() + c.given + absl::Milliseconds(100));
  }
}

TEST(UnaryTest, GoesOnInTheTraceOfTheClient) {
  std::string traceparent;
  Running echo(On([&](const Caller& caller, const test::EchoRequest&, const EchoDone& done) {
    traceparent = caller.trace().ToString();
    done(Reply(""));
  }));
  ASSERT_TRUE(
      echo.Call({{"x-user-id", "u1"},
                 {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}})
          .ok());
  EXPECT_THAT(traceparent, StartsWith("00-0af7651916cd43dd8448eb211c80319c-"));
}

// Answers with the key, as a replay or not.
EchoService::Method TellKey(bool replayed) {
  return On([replayed](const Caller& caller, const test::EchoRequest&,
                       const KeyedDone<test::EchoReply>& done) {
    const Caller::Key& key = caller.idempotency_key();
    if (!key.ok()) return done(key.status());
    done(KeyedReply<test::EchoReply>{.message = Reply(*key ? (*key)->ToString() : "no key"),
                                     .replayed = replayed});
  });
}

TEST(UnaryTest, GivesTheIdempotencyKey) {
  Running echo(TellKey(false));
  EXPECT_TRUE(echo.Call({{"x-user-id", "u1"}, {"idempotency-key", "a!~"}}).ok());
  EXPECT_EQ(echo.reply(), "a!~");
  EXPECT_TRUE(echo.Call({{"x-user-id", "u1"}, {"idempotency-key", "\"\"a\"\""}}).ok());
  EXPECT_EQ(echo.reply(), "\"a\"");
  EXPECT_TRUE(echo.Call({{"x-user-id", "u1"}}).ok());
  EXPECT_EQ(echo.reply(), "no key");
}

TEST(UnaryTest, AMalformedOrRepeatedIdempotencyKeyIsInvalidWhereItIsHonoured) {
  Running keyed(TellKey(false));
  Running other(Greet());
  for (const Metadata& metadata :
       {Metadata{{"x-user-id", "u1"}, {"idempotency-key", "a"}, {"idempotency-key", "a"}},
        Metadata{{"x-user-id", "u1"}, {"idempotency-key", ""}},
        Metadata{{"x-user-id", "u1"}, {"idempotency-key", "\"\""}},
        Metadata{{"x-user-id", "u1"}, {"idempotency-key", "a b"}},
        Metadata{{"x-user-id", "u1"}, {"idempotency-key", std::string(256, 'a')}}}) {
    const grpc::Status status = keyed.Call(metadata);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(status), "INVALID_IDEMPOTENCY_KEY");
    const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
    ASSERT_EQ(bad_request.field_violations_size(), 1);
    EXPECT_EQ(bad_request.field_violations(0).field(), "idempotency-key");
    EXPECT_TRUE(other.Call(metadata).ok());
  }
}

TEST(UnaryTest, AReplaySaysSo) {
  for (const bool replayed : {false, true}) {
    Running echo(TellKey(replayed));
    grpc::ClientContext context;
    context.AddMetadata("x-user-id", "u1");
    ASSERT_TRUE(echo.Call(context).ok());
    std::string said;
    const auto& metadata = context.GetServerInitialMetadata();
    if (const auto found = metadata.find("idempotent-replayed"); found != metadata.end()) {
      said.assign(found->second.data(), found->second.size());
    }
    EXPECT_EQ(said, replayed ? "true" : "");
  }
}

TEST(UnaryTest, AClientThatGivesUpDoesNotHarmTheAnswer) {
  std::promise<EchoDone> arrived;
  Running echo(On([&](const Caller&, const test::EchoRequest&, EchoDone done) {
    arrived.set_value(std::move(done));
  }));
  grpc::ClientContext context;
  context.AddMetadata("x-user-id", "u1");
  std::thread client(
      [&] { EXPECT_EQ(echo.Call(context).error_code(), grpc::StatusCode::CANCELLED); });
  const EchoDone done = arrived.get_future().get();
  context.TryCancel();
  client.join();
  done(Reply("too late"));
}

TEST(UnaryTest, CountsAnswersByMethodAndCode) {
  const observability::Counter counter = observability::NewCounter(
      "rpc_calls_total", "Calls answered.", {{"method", "Echo"}, {"code", "UNAUTHENTICATED"}});
  Running echo(Greet());
  const double before = counter.Value();
  echo.Call({});
  EXPECT_EQ(counter.Value(), before + 1);
}

TEST(UnaryOnPoolTest, AnswersWhatTheHandlerReturns) {
  WorkerPool pool({.threads = 1, .queue_tasks_max = 1});
  pool.Start();
  Running echo(OnPool(pool,
                      [](const Caller& caller,
                         const test::EchoRequest& request) -> absl::StatusOr<test::EchoReply> {
                        if (request.text().empty()) return absl::InternalError("");
                        return Reply(caller.user_id().ToString());
                      }));
  EXPECT_TRUE(echo.Call({{"x-user-id", "u1"}}).ok());
  EXPECT_EQ(echo.reply(), "u1");
  EXPECT_EQ(ReasonOf(echo.Call({})), "MISSING_USER_ID");
}

TEST(UnaryOnPoolTest, AFullPoolIsAnsweredOverloaded) {
  WorkerPool pool({.threads = 1, .queue_tasks_max = 0});
  Running echo(
      OnPool(pool, [](const Caller&, const test::EchoRequest&) -> absl::StatusOr<test::EchoReply> {
        return Reply("");
      }));
  const grpc::Status status = echo.Call({{"x-user-id", "u1"}});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
}

TEST(UnaryOnPoolTest, ACallThatNobodyWaitsForIsNotRun) {
  WorkerPool pool({.threads = 1, .queue_tasks_max = 10});
  std::atomic<int> run = 0;
  std::promise<grpc::CallbackServerContext*> arrived;
  const auto count = [&](const Caller&,
                         const test::EchoRequest&) -> absl::StatusOr<test::EchoReply> {
    ++run;
    return Reply("");
  };
  Running echo([&](auto* context, auto* request, auto* reply) {
    arrived.set_value(context);
    return UnaryOnPool(context, request, reply, "test", pool, count);
  });
  // Keeps the only thread until the server knows that the client is gone.
  const auto call = arrived.get_future().share();
  ASSERT_TRUE(pool.Submit([call] {
    const absl::Time give_up = absl::Now() + kLong;
    while (!call.get()->IsCancelled() && absl::Now() < give_up) std::this_thread::yield();
  }));
  grpc::ClientContext context;
  context.AddMetadata("x-user-id", "u1");
  std::thread client(
      [&] { EXPECT_EQ(echo.Call(context).error_code(), grpc::StatusCode::CANCELLED); });
  call.wait();
  pool.Start();
  context.TryCancel();
  client.join();
  pool.Stop();
  EXPECT_EQ(run, 0);
}

TEST(UnaryOnPoolTest, ACallThatWaitedTooLongForAThreadIsUnavailable) {
  WorkerPool pool({.threads = 1, .queue_tasks_max = 10});
  pool.Start();
  CallRules rules("test");
  rules.deadlines.queue = absl::ZeroDuration();
  std::atomic<int> run = 0;
  Running echo([&](auto* context, auto* request, auto* reply) {
    return UnaryOnPool(context, request, reply, rules, pool,
                       [&](const Caller&, const test::EchoRequest&) {
                         ++run;
                         return absl::StatusOr<test::EchoReply>(Reply(""));
                       });
  });
  EXPECT_EQ(echo.Call({{"x-user-id", "u1"}}).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(run, 0);
}

}  // namespace
}  // namespace rpc
