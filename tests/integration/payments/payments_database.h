#ifndef TESTS_INTEGRATION_PAYMENTS_PAYMENTS_DATABASE_H_
#define TESTS_INTEGRATION_PAYMENTS_PAYMENTS_DATABASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "payments/app/charge_orders.h"
#include "payments/app/create_accounts.h"
#include "payments/app/get_balance.h"
#include "payments/app/list_ledger.h"
#include "payments/app/top_up_accounts.h"
#include "payments/store/accounts_store.h"
#include "payments/store/books_store.h"
#include "payments/store/payments_store.h"
#include "platform/messaging/outbox.h"
#include "platform/pg/transaction.h"
#include "tests/integration/support/database.h"

namespace payments {

constexpr pg::Statement kCountAnswers{"test_count_answers", R"sql(
    SELECT count(*) FROM outbox WHERE correlation_id = $1::uuid)sql"};
constexpr pg::Statement kCountDifferentAnswers{"test_count_different_answers", R"sql(
    SELECT count(DISTINCT payload) FROM outbox WHERE correlation_id = $1::uuid)sql"};
constexpr pg::Statement kCountDecisions{"test_count_decisions", R"sql(
    SELECT count(*) FROM payment_transactions WHERE user_id = $1)sql"};
constexpr pg::Statement kUpdateLedger{"test_update_ledger", R"sql(
    UPDATE ledger_entries SET amount = 1 WHERE user_id = $1)sql"};
constexpr pg::Statement kDeleteLedger{"test_delete_ledger", R"sql(
    DELETE FROM ledger_entries WHERE user_id = $1)sql"};

// The payments database, with a user of the test's own. No service runs on it.
class PaymentsDatabaseTest : public ::testing::Test {
 protected:
  static std::vector<pg::Statement> Statements() {
    std::vector<pg::Statement> all = AccountsStatements();
    for (const pg::Statement& statement : BooksStatements()) all.push_back(statement);
    for (const pg::Statement& statement : PaymentsStatements()) all.push_back(statement);
    for (const pg::Statement& statement : messaging::OutboxStatements()) all.push_back(statement);
    for (const pg::Statement& statement :
         {kCountAnswers, kCountDecisions, kCountDifferentAnswers, kUpdateLedger, kDeleteLedger}) {
      all.push_back(statement);
    }
    return all;
  }

  static absl::Time Now() { return absl::FromUnixMicros(absl::ToUnixMicros(absl::Now())); }
  static Money Cents(std::int64_t minor_units) { return Money::FromMinorUnits(minor_units); }

  CreateAccountCommand NewAccount() const {
    return {
        {.id = AccountId::New(Now()), .user_id = user_, .balance = Money(), .create_time = Now()}};
  }

  TopUpCommand NewTopUp(std::int64_t amount) const {
    return {.entry_id = EntryId::New(Now()),
            .user_id = user_,
            .amount = Cents(amount),
            .create_time = Now(),
            .idempotency_key = std::nullopt};
  }

  TopUpCommand NewTopUp(const std::string& key, std::int64_t amount) const {
    TopUpCommand command = NewTopUp(amount);
    command.idempotency_key = IdempotencyKey::Parse(key);
    return command;
  }

  // A request for a new order, under a message id of its own.
  ChargeOrderCommand NewCharge(std::int64_t amount) const {
    return {.event_id = types::Uuid::V7(Now()),
            .request = {.order_id = OrderId::New(Now()), .user_id = user_, .amount = Cents(amount)},
            .trace = ""};
  }

  // The same request, as another message.
  static ChargeOrderCommand UnderNewMessageId(ChargeOrderCommand command) {
    command.event_id = types::Uuid::V7(Now());
    return command;
  }

  std::vector<absl::StatusOr<Account>> Open(const std::vector<CreateAccountCommand>& commands) {
    std::vector<absl::StatusOr<Account>> answers;
    support::Commit(pool_, [&](pg::Tx& tx) { answers = CreateAccounts(tx, commands); });
    return answers;
  }

  std::vector<absl::StatusOr<ToppedUp>> Add(const std::vector<TopUpCommand>& commands) {
    std::vector<absl::StatusOr<ToppedUp>> answers;
    support::Commit(pool_, [&](pg::Tx& tx) { answers = TopUpAccounts(tx, commands); });
    return answers;
  }

  std::vector<absl::StatusCode> Charge(const std::vector<ChargeOrderCommand>& commands) {
    std::vector<absl::StatusCode> codes;
    support::Commit(pool_, [&](pg::Tx& tx) {
      codes.clear();
      for (const absl::Status& answer : ChargeOrders(tx, commands, Now(), messaging::Outbox())) {
        codes.push_back(answer.code());
      }
    });
    return codes;
  }

  void OpenWith(std::int64_t amount) {
    ASSERT_TRUE(Open({NewAccount()})[0].ok());
    ASSERT_TRUE(Add({NewTopUp(amount)})[0].ok());
  }

  std::int64_t Balance() { return GetBalance(pool_, user_)->minor_units(); }

  // Newest first.
  std::vector<LedgerEntry> Ledger() {
    return ListLedger(pool_, {.user_id = user_, .before = {}, .page_size = 1000})->entries;
  }

  Payment PaymentOf(const ChargeOrderCommand& command) {
    std::vector<Payment> found;
    support::Query(pool_, [&](pg::Tx& tx) {
      found.clear();
      for (const auto& [id, payment] : SelectPayments(tx, std::vector{command.request.order_id})) {
        found.push_back(payment);
      }
    });
    EXPECT_EQ(found.size(), 1U);
    return found.at(0);
  }

  std::int64_t AnswersTo(const ChargeOrderCommand& command) {
    std::int64_t answers = 0;
    support::Query(pool_, [&](pg::Tx& tx) {
      answers = tx.Exec(kCountAnswers, command.request.order_id.uuid())[0].Int64(0);
    });
    return answers;
  }

  std::int64_t DifferentAnswersTo(const ChargeOrderCommand& command) {
    std::int64_t answers = 0;
    support::Query(pool_, [&](pg::Tx& tx) {
      answers = tx.Exec(kCountDifferentAnswers, command.request.order_id.uuid())[0].Int64(0);
    });
    return answers;
  }

  // On all orders of the user.
  std::int64_t Decisions() {
    std::int64_t decisions = 0;
    support::Query(pool_, [&](pg::Tx& tx) {
      decisions = tx.Exec(kCountDecisions, user_.ToString())[0].Int64(0);
    });
    return decisions;
  }

  const UserId user_ = support::NewUser();
  pg::Pool pool_ = support::NewPool("PAYMENTS_DATABASE_URL", Statements());
};

}  // namespace payments

#endif  // TESTS_INTEGRATION_PAYMENTS_PAYMENTS_DATABASE_H_
