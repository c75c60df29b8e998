#include "payments/app/clean_inbox.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "payments/jobs/inbox_cleaner.h"
#include "tests/integration/payments/payments_database.h"

namespace payments {
namespace {

constexpr pg::Statement kDeleteAll{"test_delete_inbox", "DELETE FROM inbox"};
constexpr pg::Statement kFill{"test_fill_inbox", R"sql(
    INSERT INTO inbox (event_id, partition_key, receive_time)
    SELECT gen_random_uuid(), $3, now() - $2::bigint * interval '1 minute'
      FROM generate_series(1, $1::bigint))sql"};
constexpr pg::Statement kCount{"test_count_inbox", "SELECT count(*) FROM inbox"};
constexpr pg::Statement kCountOf{"test_count_inbox_of", R"sql(
    SELECT count(*) FROM inbox WHERE partition_key = $1)sql"};
constexpr pg::Statement kAge{"test_age_inbox", R"sql(
    UPDATE inbox SET receive_time = now() - interval '25 hours' WHERE event_id = $1::uuid)sql"};
constexpr pg::Statement kLock{"test_lock_inbox", "SELECT event_id FROM inbox FOR UPDATE"};
constexpr pg::Statement kExplainDelete{"test_explain_delete_inbox", R"sql(
    EXPLAIN EXECUTE payments_delete_inbox(86400000000, 1000))sql"};

constexpr std::int64_t kHour = 60;

// An inbox that holds the test's events alone.
class CleanInboxTest : public PaymentsDatabaseTest {
 protected:
  CleanInboxTest() {
    support::Commit(inbox_, [](pg::Tx& tx) { tx.Exec(kDeleteAll); });
  }

  static std::vector<pg::Statement> InboxStatements() {
    std::vector<pg::Statement> all = PaymentsStatements();
    all.insert(all.end(), {kDeleteAll, kFill, kCount, kCountOf, kAge, kLock, kExplainDelete});
    return all;
  }

  void Receive(std::int64_t events, std::int64_t minutes_ago, const std::string& user = "it") {
    support::Commit(inbox_, [&](pg::Tx& tx) { tx.Exec(kFill, events, minutes_ago, user); });
  }

  std::int64_t Count() {
    std::int64_t count = 0;
    support::Query(inbox_, [&](pg::Tx& tx) { count = tx.Exec(kCount)[0].Int64(0); });
    return count;
  }

  std::int64_t CountOf(const std::string& user) {
    std::int64_t count = 0;
    support::Query(inbox_, [&](pg::Tx& tx) { count = tx.Exec(kCountOf, user)[0].Int64(0); });
    return count;
  }

  std::size_t Clean(const CleanInboxCommand& command = {}) {
    std::size_t deleted = 0;
    support::Commit(inbox_, [&](pg::Tx& tx) { deleted = CleanInbox(tx, command); });
    return deleted;
  }

  pg::Pool inbox_ = support::NewPool("PAYMENTS_DATABASE_URL", InboxStatements(), 2);
};

TEST_F(CleanInboxTest, DeletesWhatIsOlderThanADay) {
  Receive(3, 25 * kHour);
  Receive(2, 23 * kHour);
  EXPECT_EQ(Clean(), 3U);
  EXPECT_EQ(Clean(), 0U);
  EXPECT_EQ(Count(), 2);
}

TEST_F(CleanInboxTest, DeletesTheOldestUpToItsLimit) {
  Receive(4, 25 * kHour, "younger");
  Receive(4, 26 * kHour, "older");
  EXPECT_EQ(Clean({.keep = absl::Hours(24), .rows_max = 4}), 4U);
  EXPECT_EQ(CountOf("older"), 0);
  EXPECT_EQ(CountOf("younger"), 4);
}

TEST_F(CleanInboxTest, OfTwoRunnersOneDeletes) {
  Receive(2, 25 * kHour);
  support::Commit(inbox_, [&](pg::Tx& tx) {
    EXPECT_EQ(CleanInbox(tx, {.keep = absl::Hours(24), .rows_max = 1}), 1U);
    EXPECT_EQ(Clean(), 0U);
  });
  EXPECT_EQ(Clean(), 1U);
}

TEST_F(CleanInboxTest, WaitsForNoEventThatAnotherTransactionHolds) {
  Receive(1, 25 * kHour);
  support::Commit(inbox_, [&](pg::Tx& tx) {
    tx.Exec(kLock);
    EXPECT_EQ(Clean(), 0U);
  });
  EXPECT_EQ(Clean(), 1U);
}

TEST_F(CleanInboxTest, AnEventThatComesAgainLaterChargesNothing) {
  OpenWith(250);
  const ChargeOrderCommand command = NewCharge(100);
  Charge({command});
  support::Commit(inbox_, [&](pg::Tx& tx) { tx.Exec(kAge, command.event_id); });
  EXPECT_EQ(Clean(), 1U);
  EXPECT_THAT(Charge({command}), testing::ElementsAre(absl::StatusCode::kOk));
  EXPECT_EQ(Balance(), 150);
  EXPECT_EQ(AnswersTo(command), 2);
}

TEST_F(CleanInboxTest, ReadsWhatIsOldByItsIndex) {
  std::string plan;
  const absl::Status end = pg::RunAgainUntilKnown(inbox_, [&](pg::Tx& tx) {
    tx.Exec(kFill, 20'000, 0, "it");
    const pg::Result rows = tx.Exec(kExplainDelete);
    plan.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) plan.append(rows[i].Text(0)).append("\n");
    return absl::CancelledError("roll back");
  });
  ASSERT_TRUE(absl::IsCancelled(end)) << end;
  EXPECT_NE(plan.find("Index Scan using inbox_receive_time_idx"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
}

TEST_F(CleanInboxTest, TheCleanerGoesOnUntilNothingOldIsLeft) {
  Receive(25, 25 * kHour);
  Receive(5, 1);
  InboxCleaner cleaner(inbox_, {.interval = absl::Hours(1),
                                .pause = absl::Milliseconds(1),
                                .transaction = {.keep = absl::Hours(24), .rows_max = 10}});
  cleaner.Start();
  const absl::Time until = absl::Now() + absl::Seconds(20);
  while (Count() > 5 && absl::Now() < until) {
  }
  cleaner.Stop();
  EXPECT_EQ(Count(), 5);
}

}  // namespace
}  // namespace payments
