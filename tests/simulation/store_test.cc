#include "tests/simulation/store/store.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "orders/store/orders_store.h"
#include "orders/store/sweep_store.h"
#include "payments/store/accounts_store.h"
#include "payments/store/books_store.h"
#include "payments/store/payments_store.h"
#include "platform/messaging/outbox.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/sql/parser.h"
#include "tests/simulation/store/executor.h"

// The simulated database does what Postgres does.
namespace simulation {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kSchema = R"sql(
    CREATE TABLE items (
        id text PRIMARY KEY,
        owner text,
        amount bigint NOT NULL CHECK (amount > 0)
    );
    CREATE UNIQUE INDEX items_owner_idx ON items (owner) WHERE owner IS NOT NULL;
    CREATE TABLE notes (id text PRIMARY KEY);)sql";

class StoreTest : public ::testing::Test {
 protected:
  ~StoreTest() override { scheduler_.KillAll(); }

  // Plays each body in a task of its own, until all have ended.
  void Play(const std::vector<std::function<void()>>& bodies) {
    for (const auto& body : bodies) scheduler_.Spawn(process_, "body", body);
    scheduler_.RunUntil(SteadyTime::max(), [] { return false; });
  }
  // For orders of events: the body with the later step goes on later.
  void Step(int number) { scheduler_.SleepFor(absl::Milliseconds(10 * number) - Elapsed()); }

  // Taken back at the end of its body unless it is committed.
  std::shared_ptr<Transaction> Begin() {
    const std::shared_ptr<Transaction> begun = store_.Begin("test");
    return {begun.get(), [this, begun](Transaction*) { store_.Rollback(*begun); }};
  }

  // The first column of what comes back.
  std::vector<std::string> Run(Transaction& transaction, const std::string& sql,
                               const std::vector<pg::Parameter>& parameters = {}) {
    const sql::Statement statement = sql::Parser(sql).ParseStatement();
    const Answer answer = Executor(scheduler_, store_, transaction, parameters).Run(statement);
    std::vector<std::string> texts;
    for (const sql::Row& row : answer.rows) {
      if (!row.empty()) texts.push_back(sql::ToText(row.front()).value_or("NULL"));
    }
    return texts;
  }
  std::string StateOf(Transaction& transaction, const std::string& sql,
                      const std::vector<pg::Parameter>& parameters = {}) {
    try {
      Run(transaction, sql, parameters);
    } catch (const SqlError& error) {
      return error.state;
    }
    return "none";
  }
  void Insert(Transaction& transaction, const std::string& ids) {
    Run(transaction, kInsert, {ids});
  }
  void Commit(const std::string& ids) {
    Play({[&] {
      const auto transaction = Begin();
      Insert(*transaction, ids);
      store_.Commit(*transaction);
    }});
  }

  static sql::Schema Schema() {
    sql::Schema schema;
    schema.Run(kSchema);
    return schema;
  }

  static constexpr const char* kInsert =
      "INSERT INTO items (id, amount) SELECT id, 1 FROM unnest($1::text[]) AS new (id)";

 private:
  absl::Duration Elapsed() const { return absl::FromChrono(scheduler_.now().time_since_epoch()); }

 protected:
  Scheduler scheduler_{1, false};
  Process& process_ = scheduler_.NewProcess("test");
  sql::Schema schema_ = Schema();
  Store store_{scheduler_, schema_};
};

TEST_F(StoreTest, AStatementSeesWhatWasCommittedWhenItBeganAndItsOwnWork) {
  Play({[&] {
          const auto writer = Begin();
          Insert(*writer, "{a}");
          EXPECT_THAT(Run(*writer, "SELECT id FROM items"), ElementsAre("a"));
          Step(2);
          store_.Commit(*writer);
        },
        [&] {
          const auto reader = Begin();
          Step(1);
          EXPECT_THAT(Run(*reader, "SELECT id FROM items"), ElementsAre());
          Step(3);
          EXPECT_THAT(Run(*reader, "SELECT id FROM items"), ElementsAre("a"));
        }});
}

TEST_F(StoreTest, SkipLockedLeavesOutWhatAnotherHolds) {
  Commit("{a,b}");
  Play({[&] {
          const auto one = Begin();
          Run(*one, "SELECT id FROM items WHERE id = 'a' FOR UPDATE");
          Step(2);
        },
        [&] {
          const auto two = Begin();
          Step(1);
          const char* claim = "SELECT id FROM items ORDER BY id FOR UPDATE SKIP LOCKED";
          EXPECT_THAT(Run(*two, claim), ElementsAre("b"));
          Step(3);
          EXPECT_THAT(Run(*two, claim), ElementsAre("a", "b"));
        }});
}

TEST_F(StoreTest, ARowThatWasWaitedForIsReadAgain) {
  Commit("{a}");
  Play({[&] {
          const auto one = Begin();
          Run(*one, "UPDATE items SET amount = 2 WHERE id = 'a'");
          Step(2);
          store_.Commit(*one);
        },
        [&] {
          const auto two = Begin();
          Step(1);
          EXPECT_THAT(Run(*two, "SELECT amount FROM items FOR UPDATE"), ElementsAre("2"));
        },
        [&] {
          const auto three = Begin();
          Step(1);
          EXPECT_THAT(Run(*three, "SELECT id FROM items WHERE amount = 1 FOR KEY SHARE"),
                      ElementsAre("a"));
        }});
}

TEST_F(StoreTest, AnInsertWaitsForAnUncommittedOneOfTheSameKey) {
  Play({[&] {
          const auto one = Begin();
          Insert(*one, "{a,b}");
          Step(2);
          store_.Commit(*one);
        },
        [&] {
          const auto two = Begin();
          Step(1);
          EXPECT_EQ(StateOf(*two, kInsert, {"{a}"}), "23505");
        },
        [&] {
          const auto three = Begin();
          Step(1);
          EXPECT_THAT(
              Run(*three, std::string(kInsert) + " ON CONFLICT (id) DO NOTHING RETURNING id",
                  {"{b,c}"}),
              ElementsAre("c"));
        }});
}

TEST_F(StoreTest, AnInsertTakesAKeyThatWasRolledBack) {
  Play({[&] {
          const auto one = Begin();
          Insert(*one, "{a}");
          Step(2);
        },
        [&] {
          const auto two = Begin();
          Step(1);
          EXPECT_EQ(StateOf(*two, kInsert, {"{a}"}), "none");
        }});
}

TEST_F(StoreTest, APartialIndexLeavesOutNulls) {
  Play({[&] {
    const auto one = Begin();
    const char* insert =
        "INSERT INTO items (id, owner, amount) SELECT id, owner, 1"
        " FROM unnest($1::text[], $2::text[]) AS new (id, owner)";
    EXPECT_EQ(StateOf(*one, insert, {"{a,b,c}", "{NULL,NULL,me}"}), "none");
    EXPECT_EQ(StateOf(*one, insert, {"{d}", "{me}"}), "23505");
  }});
}

TEST_F(StoreTest, TwoThatWaitForEachOtherAreADeadlock) {
  Commit("{a,b}");
  std::vector<std::string> states;
  const auto lock_both = [&](const std::string& first, const std::string& second) {
    const auto transaction = Begin();
    Run(*transaction, "SELECT id FROM items WHERE id = $1 FOR UPDATE", {first});
    Step(1);
    states.push_back(
        StateOf(*transaction, "SELECT id FROM items WHERE id = $1 FOR UPDATE", {second}));
    store_.Rollback(*transaction);
  };
  Play({[&] { lock_both("a", "b"); }, [&] { lock_both("b", "a"); }});
  EXPECT_THAT(states, ElementsAre("40P01", "none"));
  EXPECT_EQ(store_.deadlocks(), 1u);
}

TEST_F(StoreTest, ALockThatIsNotHadInTimeIsRefused) {
  Commit("{a}");
  Play({[&] {
          const auto one = Begin();
          Run(*one, "SELECT id FROM items FOR UPDATE");
          scheduler_.SleepFor(absl::Seconds(3));
        },
        [&] {
          const auto two = Begin();
          Step(1);
          EXPECT_EQ(StateOf(*two, "DELETE FROM items"), "55P03");
        }});
}

TEST_F(StoreTest, ChecksHold) {
  Play({[&] {
    const auto one = Begin();
    Insert(*one, "{a}");
    EXPECT_EQ(StateOf(*one, "UPDATE items SET amount = amount - 1"), "23514");
  }});
}

TEST_F(StoreTest, AStatementIsDoneInAllItsPartsAndAnswersWithTheLast) {
  Commit("{a}");
  Play({[&] {
    const auto one = Begin();
    const char* change =
        "WITH noted AS (INSERT INTO notes (id) SELECT id FROM unnest($1::text[]) AS new (id))"
        " UPDATE items SET amount = 2 RETURNING id";
    EXPECT_THAT(Run(*one, change, {"{x,y}"}), ElementsAre("a"));
    EXPECT_THAT(Run(*one, "SELECT amount FROM items"), ElementsAre("2"));
    EXPECT_THAT(Run(*one, "SELECT id FROM notes ORDER BY id"), ElementsAre("x", "y"));
    EXPECT_EQ(StateOf(*one, change, {"{y,z}"}), "23505");
  }});
}

TEST_F(StoreTest, APartReadsWhatAnotherReturns) {
  Commit("{a}");
  Play({[&] {
    const auto one = Begin();
    const char* add =
        "WITH added AS (INSERT INTO items (id, amount) SELECT id, 1 FROM unnest($1::text[]) AS new"
        " (id) ON CONFLICT DO NOTHING RETURNING id),"
        " noted AS (INSERT INTO notes (id) SELECT note.id FROM unnest($1::text[]) AS note (id)"
        " JOIN added ON added.id = note.id)"
        " SELECT id FROM added ORDER BY id";
    EXPECT_THAT(Run(*one, add, {"{b,a,c}"}), ElementsAre("b", "c"));
    EXPECT_THAT(Run(*one, "SELECT id FROM notes ORDER BY id"), ElementsAre("b", "c"));
  }});
}

TEST_F(StoreTest, ALateralSelectIsRunForEachRowBeforeIt) {
  Commit("{a,b,c}");
  Play({[&] {
    const auto one = Begin();
    const char* next =
        "SELECT following.id FROM unnest($1::text[]) AS given (id),"
        " LATERAL (SELECT id FROM items WHERE id > given.id ORDER BY id LIMIT 1) AS following"
        " ORDER BY given.id";
    EXPECT_THAT(Run(*one, next, {"{b,a,c}"}), ElementsAre("b", "c"));
  }});
}

TEST_F(StoreTest, ReadsEveryStatementOfTheServices) {
  for (const std::vector<pg::Statement>& statements :
       {orders::OrdersStatements(), orders::SweepStatements(), payments::AccountsStatements(),
        payments::BooksStatements(), payments::PaymentsStatements(),
        messaging::OutboxStatements()}) {
    for (const pg::Statement& statement : statements) {
      SCOPED_TRACE(statement.name);
      sql::Parser(statement.sql).ParseStatement();
    }
  }
}

}  // namespace
}  // namespace simulation
