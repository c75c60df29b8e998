#include "platform/pg/transaction.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/conninfo.h"
#include "platform/pg/pool.h"
#include "platform/pg/statement.h"
#include "tests/integration/support/database.h"
#include "tests/integration/support/loopback_proxy.h"

namespace pg {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

// How long a test waits for what must come.
constexpr absl::Duration kSoon = absl::Seconds(10);

constexpr Statement kSelectPid{"test_select_pid", "SELECT pg_backend_pid()"};
constexpr Statement kSelectBackend{"test_select_backend", R"sql(
    SELECT pg_sleep(0.005) FROM pg_stat_activity WHERE pid = $1::int)sql"};
constexpr Statement kSelectEvent{"test_select_event", R"sql(
    SELECT event_id FROM outbox WHERE event_id = $1::uuid)sql"};
constexpr Statement kEndOwnSession{"test_end_own_session",
                                   "SELECT pg_terminate_backend(pg_backend_pid())"};
constexpr Statement kForgetStatements{"test_forget_statements", "DEALLOCATE ALL"};
constexpr Statement kRaise{"test_raise", R"sql(
    DO $$ BEGIN
        RAISE unique_violation USING MESSAGE = 'seen', DETAIL = 'Key (user_id)=(private)';
    END $$)sql"};
constexpr Statement kLock{"test_lock", "SELECT pg_advisory_xact_lock($1::bigint)"};

class TransactionTest : public ::testing::Test {
 protected:
  // True once the server has ended the session.
  bool HasEnded(std::int64_t backend_pid) {
    bool ended = false;
    const absl::Time until = absl::Now() + kSoon;
    while (!ended && absl::Now() < until) {
      support::Query(pool_, [&](Tx& tx) { ended = tx.Exec(kSelectBackend, backend_pid).empty(); });
    }
    return ended;
  }

  Pool pool_ = support::NewPool("ORDERS_DATABASE_URL",
                                {kSelectPid, kSelectBackend, kEndOwnSession, kForgetStatements}, 1);
};

TEST_F(TransactionTest, IsRunAgainWhenTheServerEndsASessionThatWasIdleInIt) {
  const std::string conninfo = std::string(std::getenv("ORDERS_DATABASE_URL")) +
                               " options='-c idle_in_transaction_session_timeout=50'";
  Pool impatient({.conninfo = WithSessionSettings(conninfo).value(),
                  .statements = {kSelectPid},
                  .connections_max = 1});
  int runs = 0;
  const absl::Status end = RunAgainUntilKnown(impatient, [&](Tx& tx) {
    const std::int64_t backend_pid = tx.Exec(kSelectPid)[0].Int64(0);
    if (++runs == 1) {
      EXPECT_TRUE(HasEnded(backend_pid));
      tx.Exec(kSelectPid);
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(end.ok()) << end;
  EXPECT_EQ(runs, 2);
}

TEST_F(TransactionTest, WhatFollowsACommitFollowsNothingElse) {
  std::vector<std::string> followed;
  const auto run = [&](const std::string& name, auto end) {
    int runs = 0;
    return RunAgainUntilKnown(pool_, [&](Tx& tx) {
      tx.AfterCommit([&followed, name] { followed.push_back(name); });
      return end(tx, ++runs);
    });
  };
  EXPECT_TRUE(run("committed", [](Tx&, int) { return absl::OkStatus(); }).ok());
  EXPECT_FALSE(run("rolled back", [](Tx&, int) { return absl::CancelledError(); }).ok());
  EXPECT_TRUE(run("at the second run", [&](Tx& tx, int runs) {
                if (runs == 1) tx.Exec(kEndOwnSession);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(followed, (std::vector<std::string>{"committed", "at the second run"}));
}

TEST_F(TransactionTest, AConnectionWithAFaultOfOursIsNotUsedAgain) {
  const auto select = [](Tx& tx) {
    tx.Exec(kSelectPid);
    return absl::OkStatus();
  };
  const absl::Status fault = Query(pool_, [&](Tx& tx) {
    tx.Exec(kForgetStatements);
    return select(tx);
  });
  EXPECT_TRUE(absl::IsInternal(fault)) << fault;
  const absl::Status next = Query(pool_, select);
  EXPECT_TRUE(next.ok()) << next;
}

// The server's further lines may quote a user's data.
TEST_F(TransactionTest, WhatIsGivenUpIsLoggedByItsFirstLine) {
  Pool pool = support::NewPool("ORDERS_DATABASE_URL", {kRaise}, 1);
  CaptureStderr();
  const absl::Status given_up = Query(pool, [](Tx& tx) {
    tx.Exec(kRaise);
    return absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsUnavailable(given_up)) << given_up;
  EXPECT_THAT(GetCapturedStderr(), AllOf(HasSubstr("transaction given up"), HasSubstr("seen"),
                                         Not(HasSubstr("private"))));
}

TEST_F(TransactionTest, ALockThatAnotherHoldsIsNoFaultOfOurs) {
  Pool pool = support::NewPool("ORDERS_DATABASE_URL", {kLock}, 2);
  const std::int64_t key = absl::ToUnixNanos(absl::Now());
  const auto lock = [&](Tx& tx) {
    tx.Exec(kLock, key);
    return absl::OkStatus();
  };
  const absl::Status held = RunAgainUntilKnown(pool, [&](Tx& tx) {
    const absl::Status mine = lock(tx);
    CaptureStderr();
    const absl::Status waited = RunAgainUntilKnown(pool, lock);
    EXPECT_TRUE(absl::IsAborted(waited)) << waited;
    EXPECT_EQ(GetCapturedStderr(), "");
    return mine;
  });
  EXPECT_TRUE(held.ok()) << held;
}

TEST_F(TransactionTest, ACommitInDoubtIsRunAgainAndWritesOnce) {
  std::vector<Statement> statements = messaging::OutboxStatements();
  statements.push_back(kSelectEvent);
  Pool direct = support::NewPool("ORDERS_DATABASE_URL", statements, 1);
  support::LoopbackProxy proxy(
      static_cast<std::uint16_t>(std::atoi(std::getenv("ORDERS_DB_PORT"))));
  Pool proxied({.conninfo = WithSessionSettings(absl::StrCat(std::getenv("ORDERS_DATABASE_URL"),
                                                             " port=", proxy.port()))
                                .value(),
                .statements = statements,
                .connections_max = 1});
  const types::Uuid event_id = types::Uuid::V7(absl::Now());
  const auto is_there = [&] {
    bool there = false;
    support::Query(direct, [&](Tx& tx) { there = tx.Exec(kSelectEvent, event_id).size() == 1; });
    return there;
  };
  // Cuts the link when the commit is done and its answer on the way.
  std::thread cutter;
  int runs = 0;
  const absl::Status end = RunAgainUntilKnown(proxied, [&](Tx& tx) {
    messaging::Outbox().Append(tx, {{.event_id = event_id,
                                     .type = "type",
                                     .correlation_id = event_id,
                                     .partition_key = "user",
                                     .payload = "",
                                     .trace = ""}});
    if (++runs == 1) {
      proxy.HoldReplies();
      cutter = std::thread([&] {
        const absl::Time until = absl::Now() + kSoon;
        while (!is_there() && absl::Now() < until) {
        }
        proxy.CutAll();
        proxy.ReleaseReplies();
      });
    }
    return absl::OkStatus();
  });
  cutter.join();
  EXPECT_TRUE(end.ok()) << end;
  EXPECT_EQ(runs, 2);
  EXPECT_TRUE(is_there());
}

}  // namespace
}  // namespace pg
