#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "orders/api/orders_handler.h"
#include "orders/api/orders_rpc.h"
#include "orders/app/get_settled_orders.h"
#include "orders/app/settle_orders.h"
#include "orders/jobs/watch_poll.h"
#include "platform/rpc/server.h"
#include "platform/rpc/streams.h"
#include "tests/integration/orders/orders_database.h"

namespace orders {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// So long that a test in which only the poll's interval helps would time out.
constexpr absl::Duration kNever = absl::Minutes(5);
constexpr absl::Duration kSoon = absl::Milliseconds(10);
constexpr absl::Duration kLong = absl::Seconds(20);

// What serves WatchOrder in one copy of the service.
class Copy {
 public:
  struct Options {
    absl::Duration poll_interval = kNever;
    absl::Duration time_max = kLong;
    std::size_t watchers_max = 10;
  };

  Copy(pg::Pool& pool, OrderWatchers& watchers, const Options& options)
      : watches_(options.watchers_max),
        commit_(pool, pg::GroupCommitOptions(), CreateUnrelayed),
        handler_(commit_, pool, watchers, clock_),
        api_(handler_, workers_, watches_, {}, options.time_max),
        poll_([&pool](std::span<const OrderId> ids) { return GetSettledOrders(pool, ids); },
              watchers, options.poll_interval),
        server_({.listen = "127.0.0.1:0", .end_streams = [this] { watches_.EndAll(); }}, {&api_}) {
    poll_.Start();
    workers_.Start();
    server_.Start();
    stub_ = v1::OrdersService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_.port()), grpc::InsecureChannelCredentials()));
  }
  ~Copy() {
    Stop();
    workers_.Stop();
    poll_.Stop();
  }

  v1::OrdersService::Stub& stub() { return *stub_; }
  void Stop() { server_.Stop(); }

 private:
  const clocks::SystemClock clock_;
  rpc::Streams watches_;
  rpc::WorkerPool workers_{{.threads = 2, .queue_tasks_max = 10}};
  OrdersHandler::CreateCommit commit_;
  OrdersHandler handler_;
  OrdersRpc api_;
  WatchPoll poll_;
  rpc::Server server_;
  std::unique_ptr<v1::OrdersService::Stub> stub_;
};

// One watching client.
class Watch {
 public:
  Watch(Copy& copy, const UserId& user, const std::string& id) {
    context_.AddMetadata("x-user-id", user.ToString());
    v1::WatchOrderRequest request;
    request.set_id(id);
    reader_ = copy.stub().WatchOrder(&context_, request);
  }

  // The status that comes next; STATUS_UNSPECIFIED at the end.
  v1::Order::Status Next() {
    v1::Order order;
    return reader_->Read(&order) ? order.status() : v1::Order::STATUS_UNSPECIFIED;
  }

  std::vector<v1::Order::Status> Rest() {
    std::vector<v1::Order::Status> rest;
    for (auto status = Next(); status != v1::Order::STATUS_UNSPECIFIED; status = Next()) {
      rest.push_back(status);
    }
    return rest;
  }

  grpc::StatusCode End() {
    Rest();
    return reader_->Finish().error_code();
  }

  void Leave() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::Order>> reader_;
};

class WatchOrderTest : public OrdersDatabaseTest {
 protected:
  Order CreateOne() {
    const CreateOrderCommand command = NewCommand();
    Create({command});
    return command.order;
  }

  // `told` are those whom the commit tells.
  void Settle(const Order& order, OrderWatchers& told) {
    const std::vector<PaymentProcessed> paid{{order.id, order.user_id, order.amount, Settlement{}}};
    support::Commit(pool_, [&](pg::Tx& tx) { SettleOrders(tx, paid, told); });
  }

  bool NobodyWatchesSoon() const {
    const absl::Time give_up = absl::Now() + kLong;
    while (!watchers_.empty()) {
      if (absl::Now() > give_up) return false;
      std::this_thread::yield();
    }
    return true;
  }

  OrderWatchers of_another_copy_;
};

TEST_F(WatchOrderTest, WhatTheSameProcessSettlesIsToldByItsCommit) {
  Copy copy(pool_, watchers_, {.poll_interval = kNever});
  const Order order = CreateOne();
  Watch watch(copy, user_, order.id.ToString());
  EXPECT_EQ(watch.Next(), v1::Order::NEW);
  Settle(order, watchers_);
  EXPECT_THAT(watch.Rest(), ElementsAre(v1::Order::FINISHED));
  EXPECT_EQ(watch.End(), grpc::StatusCode::OK);
  EXPECT_TRUE(NobodyWatchesSoon());
}

TEST_F(WatchOrderTest, WhatAnotherCopySettlesIsFoundByThePoll) {
  Copy copy(pool_, watchers_, {.poll_interval = kSoon});
  const Order order = CreateOne();
  Watch watch(copy, user_, order.id.ToString());
  EXPECT_EQ(watch.Next(), v1::Order::NEW);
  Settle(order, of_another_copy_);
  EXPECT_THAT(watch.Rest(), ElementsAre(v1::Order::FINISHED));
  EXPECT_EQ(watch.End(), grpc::StatusCode::OK);
}

TEST_F(WatchOrderTest, ASettledOrderIsSentOnce) {
  Copy copy(pool_, watchers_, {});
  const Order order = CreateOne();
  Settle(order, watchers_);
  Watch watch(copy, user_, order.id.ToString());
  EXPECT_THAT(watch.Rest(), ElementsAre(v1::Order::FINISHED));
  EXPECT_EQ(watch.End(), grpc::StatusCode::OK);
  EXPECT_TRUE(NobodyWatchesSoon());
}

TEST_F(WatchOrderTest, NobodySeesAnothersOrder) {
  Copy copy(pool_, watchers_, {});
  const Order order = CreateOne();
  const UserId other = support::NewUser();
  for (const std::string& id : {order.id.ToString(), NewCommand().order.id.ToString()}) {
    Watch watch(copy, other, id);
    EXPECT_THAT(watch.Rest(), IsEmpty());
    EXPECT_EQ(watch.End(), grpc::StatusCode::NOT_FOUND);
  }
  EXPECT_EQ(Watch(copy, user_, "abc").End(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(NobodyWatchesSoon());
}

TEST_F(WatchOrderTest, AWatchThatLastsTooLongEnds) {
  Copy copy(pool_, watchers_, {.time_max = absl::Milliseconds(300)});
  Watch watch(copy, user_, CreateOne().id.ToString());
  EXPECT_THAT(watch.Rest(), ElementsAre(v1::Order::NEW));
  EXPECT_EQ(watch.End(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(NobodyWatchesSoon());
}

TEST_F(WatchOrderTest, OneTooManyIsRefusedUntilAnotherLeaves) {
  Copy copy(pool_, watchers_, {.watchers_max = 1});
  const Order order = CreateOne();
  Watch first(copy, user_, order.id.ToString());
  EXPECT_EQ(first.Next(), v1::Order::NEW);
  EXPECT_EQ(Watch(copy, user_, order.id.ToString()).End(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  first.Leave();
  EXPECT_EQ(first.End(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(NobodyWatchesSoon());
  std::optional<Watch> second;
  const absl::Time give_up = absl::Now() + kLong;
  do {
    second.emplace(copy, user_, order.id.ToString());
  } while (second->Next() != v1::Order::NEW && absl::Now() < give_up);
  Settle(order, watchers_);
  EXPECT_THAT(second->Rest(), ElementsAre(v1::Order::FINISHED));
}

TEST_F(WatchOrderTest, AStopEndsEveryWatchAtOnce) {
  Copy copy(pool_, watchers_, {});
  Watch watch(copy, user_, CreateOne().id.ToString());
  EXPECT_EQ(watch.Next(), v1::Order::NEW);
  const absl::Time before = absl::Now();
  copy.Stop();
  EXPECT_LT(absl::Now() - before, absl::Seconds(5));
  EXPECT_EQ(watch.End(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(watchers_.empty());
}

}  // namespace
}  // namespace orders
