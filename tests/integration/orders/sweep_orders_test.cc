#include "orders/app/sweep_orders.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "platform/pg/transaction.h"
#include "tests/integration/orders/lost_orders.h"

namespace orders {
namespace {

using ::testing::UnorderedElementsAre;

constexpr pg::Statement kAgeEvents{"test_age_events", R"sql(
    UPDATE outbox SET create_time = now() - interval '6 seconds')sql"};
constexpr pg::Statement kFillWaiting{"test_fill_waiting", R"sql(
    INSERT INTO orders (id, user_id, amount, description, status, create_time, update_time)
    SELECT gen_random_uuid(), 'it-waiting', 1, '', 'NEW', now(), now()
      FROM generate_series(1, 20000))sql"};
constexpr pg::Statement kExplainLock{"test_explain_lock", R"sql(
    EXPLAIN EXECUTE orders_lock_new_before('2000-01-01', 500))sql"};

class SweepOrdersTest : public LostOrdersTest {
 protected:
  std::size_t Sweep(const SweepOrdersCommand& command = {}) {
    std::size_t swept = 0;
    support::Commit(pool_,
                    [&](pg::Tx& tx) { swept = SweepOrders(tx, command, messaging::Outbox()); });
    return swept;
  }

  std::vector<types::Uuid> Requested() {
    std::vector<types::Uuid> order_ids;
    for (const messaging::OutboxMessage& request : Requests()) {
      order_ids.push_back(request.correlation_id);
    }
    return order_ids;
  }
};

TEST_F(SweepOrdersTest, RequestsTheSamePaymentAgainAsANewEvent) {
  const Order order = LoseOne(absl::Seconds(61));
  SettleANewOne();
  EXPECT_EQ(Sweep(), 1U);
  const std::vector<messaging::OutboxMessage> requests = Requests();
  ASSERT_EQ(requests.size(), 1U);
  const messaging::OutboxMessage same = PaymentRequested(order, requests[0].event_id, "");
  EXPECT_NE(requests[0].event_id, types::Uuid());
  EXPECT_EQ(requests[0].type, same.type);
  EXPECT_EQ(requests[0].correlation_id, order.id.uuid());
  EXPECT_EQ(requests[0].partition_key, same.partition_key);
  EXPECT_EQ(requests[0].payload, same.payload);
}

TEST_F(SweepOrdersTest, LeavesYoungAndSettledOrdersAlone) {
  LoseOne(absl::Seconds(59));
  const Order settled = LoseOne(absl::Minutes(20));
  support::Commit(pool_,
                  [&](pg::Tx& tx) { SettleOrders(tx, std::vector{Paid(settled)}, watchers_); });
  SettleANewOne();
  EXPECT_EQ(Sweep(), 0U);
}

TEST_F(SweepOrdersTest, WaitsTenMinutesWhereNoNewerOrderHasSettled) {
  const Order older = LoseOne(absl::Seconds(601));
  LoseOne(absl::Seconds(599));
  const Order oldest = LoseOne(absl::Minutes(30));
  support::Commit(pool_,
                  [&](pg::Tx& tx) { SettleOrders(tx, std::vector{Paid(oldest)}, watchers_); });
  EXPECT_EQ(Sweep(), 1U);
  EXPECT_THAT(Requested(), UnorderedElementsAre(older.id.uuid()));
}

TEST_F(SweepOrdersTest, WaitsTwiceAsLongBeforeEachFurtherRequest) {
  constexpr absl::Duration kAge = absl::Milliseconds(50);
  const SweepOrdersCommand fast{.rules = {.overtaken_after = kAge, .waiting_after = kAge}};
  const Order order = LoseOne(kAge);
  const absl::Time until = absl::Now() + absl::Seconds(20);
  absl::Time due = order.create_time + kAge;
  for (int request = 0; request < 5; ++request) {
    absl::Time before = absl::Now();
    while (Sweep(fast) == 0 && absl::Now() < until) before = absl::Now();
    EXPECT_GE(absl::Now(), due) << "request " << request;
    due = before + (before - order.create_time) + kAge;
  }
  EXPECT_LT(absl::Now(), until);
}

TEST_F(SweepOrdersTest, IsIdleWhileAnEventIsLateInTheOutbox) {
  LoseOne(absl::Minutes(20));
  const Order waiting = CreateAt(absl::Now());
  pg::Pool pool = support::NewPool("ORDERS_DATABASE_URL", {kAgeEvents}, 1);
  support::Commit(pool, [](pg::Tx& tx) { tx.Exec(kAgeEvents); });
  EXPECT_EQ(Sweep(), 0U);
  EXPECT_THAT(Requested(), UnorderedElementsAre(waiting.id.uuid()));
  support::Commit(pool_, [&](pg::Tx& tx) { tx.Exec(kDeleteEvents, waiting.id.uuid()); });
  EXPECT_EQ(Sweep(), 1U);
}

TEST_F(SweepOrdersTest, IsNotHeldUpByAnEventOnItsWay) {
  LoseOne(absl::Minutes(20));
  CreateAt(absl::Now());
  EXPECT_EQ(Sweep(), 1U);
}

TEST_F(SweepOrdersTest, TakesTheLongestWaitingUpToItsLimit) {
  LoseOne(absl::Minutes(11));
  const Order first = LoseOne(absl::Minutes(14));
  const Order second = LoseOne(absl::Minutes(13));
  const Order third = LoseOne(absl::Minutes(12));
  EXPECT_EQ(Sweep({.rules = {}, .rows_max = 2}), 2U);
  EXPECT_THAT(Requested(), UnorderedElementsAre(first.id.uuid(), second.id.uuid()));
  // Those wait now; they hold up nobody.
  EXPECT_EQ(Sweep({.rules = {}, .rows_max = 1}), 1U);
  EXPECT_THAT(Requested(),
              UnorderedElementsAre(first.id.uuid(), second.id.uuid(), third.id.uuid()));
}

TEST_F(SweepOrdersTest, OfTwoRunnersOneSweeps) {
  LoseOne(absl::Minutes(20));
  LoseOne(absl::Minutes(20));
  support::Commit(pool_, [&](pg::Tx& tx) {
    EXPECT_EQ(SweepOrders(tx, {.rules = {}, .rows_max = 1}, messaging::Outbox()), 1U);
    EXPECT_EQ(Sweep(), 0U);
  });
  EXPECT_EQ(Sweep(), 1U);
}

TEST_F(SweepOrdersTest, LeavesAnOrderOutThatIsSettlingThisMoment) {
  const Order order = LoseOne(absl::Minutes(20));
  support::Commit(pool_, [&](pg::Tx& tx) {
    SettleOrders(tx, std::vector{Paid(order)}, watchers_);
    EXPECT_EQ(Sweep(), 0U);
  });
  EXPECT_EQ(Get(order.id).status, OrderStatus::kFinished);
}

TEST_F(SweepOrdersTest, RolledBackLeavesTheOrderOverdue) {
  LoseOne(absl::Minutes(20));
  const absl::Status end = pg::RunAgainUntilKnown(pool_, [](pg::Tx& tx) {
    EXPECT_EQ(SweepOrders(tx, {}, messaging::Outbox()), 1U);
    return absl::CancelledError("rolled back on purpose");
  });
  EXPECT_TRUE(absl::IsCancelled(end));
  EXPECT_TRUE(Requests().empty());
  EXPECT_EQ(Sweep(), 1U);
}

TEST_F(SweepOrdersTest, ReadsNoneOfTheOrdersThatWaitAndAreNotOverdue) {
  pg::Pool pool = support::NewPool(
      "ORDERS_DATABASE_URL",
      [] {
        std::vector<pg::Statement> all = SweepStatements();
        all.insert(all.end(), {kFillWaiting, kExplainLock});
        return all;
      }(),
      1);
  std::string plan;
  const absl::Status end = pg::RunAgainUntilKnown(pool, [&](pg::Tx& tx) {
    tx.Exec(kFillWaiting);
    const pg::Result rows = tx.Exec(kExplainLock);
    plan.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) plan.append(rows[i].Text(0)).append("\n");
    return absl::CancelledError("roll back");
  });
  ASSERT_TRUE(absl::IsCancelled(end)) << end;
  EXPECT_NE(plan.find("Index Scan using orders_sweep_idx"), std::string::npos) << plan;
  EXPECT_NE(plan.find("Index Cond"), std::string::npos) << plan;
}

}  // namespace
}  // namespace orders
