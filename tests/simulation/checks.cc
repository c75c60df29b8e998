#include "tests/simulation/checks.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "orders/events/payment_events.h"
#include "orders/store/status_names.h"
#include "platform/check/check.h"

namespace simulation {
namespace {

using Index = std::map<std::string, const sql::Row*>;

// Reads the columns of one table's rows.
class Reader {
 public:
  Reader(Server& server, const std::string& table)
      : schema_(*server.store().TableNamed(table).schema) {}

  const std::string& Text(const sql::Row* row, const char* column) const {
    return std::get<std::string>((*row)[schema_.IndexOf(column)]);
  }
  std::int64_t Number(const sql::Row* row, const char* column) const {
    return std::get<std::int64_t>((*row)[schema_.IndexOf(column)]);
  }
  bool Has(const sql::Row* row, const char* column) const {
    return !sql::IsNull((*row)[schema_.IndexOf(column)]);
  }

 private:
  const sql::TableSchema& schema_;
};

absl::Time TimeOf(Server& server, const std::string& table, const sql::Row* row,
                  const char* column) {
  const sql::TableSchema& schema = *server.store().TableNamed(table).schema;
  return absl::FromUnixMicros(std::get<sql::Timestamp>((*row)[schema.IndexOf(column)]).micros);
}

// The rows of a table by a column that is to be unique.
Index IndexBy(Server& server, const std::string& table, const char* column, Books& books) {
  const Reader read(server, table);
  Index index;
  for (const sql::Row* row : server.store().Committed(table)) {
    if (!index.emplace(read.Text(row, column), row).second) {
      books.violations.push_back(
          absl::StrCat("two rows of ", table, " for ", read.Text(row, column)));
    }
  }
  return index;
}

class BooksCheck {
 public:
  explicit BooksCheck(const End& end)
      : end_(end),
        order_(end.orders_server, "orders"),
        payment_(end.payments_server, "payment_transactions"),
        account_(end.payments_server, "accounts"),
        entry_(end.payments_server, "ledger_entries"),
        orders_(IndexBy(end.orders_server, "orders", "id", end.books)),
        payments_(IndexBy(end.payments_server, "payment_transactions", "order_id", end.books)),
        accounts_(IndexBy(end.payments_server, "accounts", "user_id", end.books)),
        entries_(IndexBy(end.payments_server, "ledger_entries", "id", end.books)) {}

  void Run() {
    Calls();
    for (const auto& [id, row] : orders_) Order(id, row);
    for (const auto& [id, row] : payments_) {
      Expect(orders_.contains(id), "a payment of no order", id);
    }
    Ledger();
    History();
    DeadLetters();
    Guards();
  }

 private:
  void Expect(bool holds, const char* otherwise, const std::string& of) {
    if (!holds) end_.books.violations.push_back(absl::StrCat(otherwise, ": ", of));
  }

  // What callers know of each call holds; and nothing is there that none made.
  void Calls() {
    std::size_t made = 0;
    for (const OrderCall& call : end_.books.orders) {
      const sql::Row* const row = TheOneOf(orders_, call.tries, "order");
      if (row == nullptr) continue;
      ++made;
      const std::string& id = order_.Text(row, "id");
      Expect(call.tries.known != Known::kAcknowledged || call.tries.acknowledged == std::set{id},
             "another order was acknowledged", id);
      Expect(order_.Text(row, "user_id") == call.order.user_id.ToString() &&
                 order_.Number(row, "amount") == call.order.amount.minor_units() &&
                 order_.Text(row, "description") == call.order.description,
             "an order differs from what was asked for", id);
    }
    Expect(made == orders_.size(), "orders that nobody made", absl::StrCat(orders_.size() - made));
    for (const TopUpCall& call : end_.books.top_ups) {
      const sql::Row* const row = TheOneOf(entries_, call.tries, "top-up");
      if (row == nullptr) continue;
      const std::string& id = entry_.Text(row, "id");
      Expect(entry_.Number(row, "amount") == call.command.amount.minor_units(),
             "a top-up of another amount", id);
      Expect(call.tries.known != Known::kAcknowledged ||
                 call.tries.acknowledged ==
                     std::set{absl::StrCat(entry_.Number(row, "balance_after"))},
             "a top-up was acknowledged with another balance", id);
    }
    Accounts();
  }

  // I1: the row that the tries of one call left; null: none.
  const sql::Row* TheOneOf(const Index& rows, const Tries& tries, const char* what) {
    const sql::Row* found = nullptr;
    for (const std::string& id : tries.ids) {
      const auto row = rows.find(id);
      if (row == rows.end()) continue;
      Expect(found == nullptr, "I1: one key, two of", absl::StrCat(what, " ", id));
      found = row->second;
    }
    const std::string of = tries.ids.empty() ? "" : *tries.ids.begin();
    Expect(tries.known != Known::kAcknowledged || found != nullptr, "I1: acknowledged, and lost",
           absl::StrCat(what, " ", of));
    Expect(tries.known != Known::kNothing || found == nullptr, "refused, and there",
           absl::StrCat(what, " ", of));
    return found;
  }

  void Accounts() {
    for (const AccountCall& call : end_.books.accounts) {
      if (call.known != Known::kAcknowledged) continue;
      const auto found = accounts_.find(call.account.user_id.ToString());
      Expect(found != accounts_.end() &&
                 account_.Text(found->second, "id") == call.account.id.ToString(),
             "an acknowledged account is not there", call.account.id.ToString());
    }
  }

  // I2, I3, I4.
  void Order(const std::string& id, const sql::Row* row) {
    const std::string& status = order_.Text(row, "status");
    Expect(status != "NEW", "I2: an order is not settled", id);
    const auto payment = payments_.find(id);
    if (payment == payments_.end()) return Expect(false, "I3: an order has no payment", id);
    Expect(payment_.Text(payment->second, "user_id") == order_.Text(row, "user_id") &&
               payment_.Number(payment->second, "amount") == order_.Number(row, "amount"),
           "a payment of another user or amount", id);
    const bool succeeded = payment_.Text(payment->second, "outcome") == "SUCCEEDED";
    Expect(succeeded == (status == "FINISHED"), "I4: status and payment differ", id);
    if (status != "CANCELLED" || succeeded) return;
    Expect(payment_.Text(payment->second, "decline_reason") == order_.Text(row, "cancel_reason"),
           "I4: the reasons differ", id);
  }

  // I3, I5: entries without a gap, each charge once and of a payment that succeeded.
  void Ledger() {
    std::map<std::string, std::map<std::int64_t, const sql::Row*>> of_user;
    std::map<std::string, int> charges;
    for (const auto& [id, row] : entries_) {
      Expect(of_user[entry_.Text(row, "user_id")]
                 .emplace(entry_.Number(row, "entry_number"), row)
                 .second,
             "two entries of one number", id);
      if (entry_.Has(row, "order_id")) ++charges[entry_.Text(row, "order_id")];
    }
    for (const auto& [user, entries] : of_user) {
      std::int64_t balance = 0;
      std::int64_t number = 0;
      for (const auto& [entry_number, row] : entries) {
        const bool adds = entry_.Text(row, "kind") == "TOP_UP";
        balance += adds ? entry_.Number(row, "amount") : -entry_.Number(row, "amount");
        Expect(entry_number == ++number, "a gap in the ledger", user);
        Expect(entry_.Number(row, "balance_after") == balance, "I5: balance_after is wrong", user);
      }
      Expect(accounts_.contains(user), "a ledger without an account", user);
    }
    for (const auto& [id, row] : payments_) {
      const int expected = payment_.Text(row, "outcome") == "SUCCEEDED" ? 1 : 0;
      const auto found = charges.find(id);
      Expect((found == charges.end() ? 0 : found->second) == expected,
             "I3: charged too often, or not", id);
    }
  }

  // I6.
  void History() {
    for (const Chain& chain : end_.orders_server.store().TableNamed("orders").chains) {
      bool settled = false;
      for (const Version& version : chain.versions) {
        Expect(!settled, "I6: a settled order changed", order_.Text(version.row.get(), "id"));
        settled = order_.Text(version.row.get(), "status") != "NEW";
      }
    }
  }

  // I7, but for the outboxes, which are empty when all is quiet.
  void DeadLetters() {
    for (const std::string& id : end_.books.dead_letters) {
      Expect(end_.books.poison.contains(id), "I7: an innocent was dead-lettered", id);
    }
    for (const std::string& id : end_.books.doomed) {
      Expect(end_.books.dead_letters.contains(id), "a message that is no good vanished", id);
    }
  }

  // What each guard promises, besides the outcome.
  void Guards() {
    for (Server* server : {&end_.orders_server, &end_.payments_server}) {
      Expect(server->store().deadlocks() == 0, "transactions lock in different orders",
             absl::StrCat(server->store().deadlocks(), " deadlocks"));
    }
    for (const auto& [table, refused] : end_.payments_server.store().unique_violations()) {
      if (table != "payment_transactions") continue;
      const sql::Row* const row = refused.get();
      const auto decided = payments_.find(payment_.Text(row, "order_id"));
      // Without an account there is no lock to wait at, and the key alone decides.
      const auto had_no_account = [&](const sql::Row* one) {
        return payment_.Has(one, "decline_reason") &&
               payment_.Text(one, "decline_reason") == "ACCOUNT_NOT_FOUND";
      };
      Expect(had_no_account(row) || (decided != payments_.end() && had_no_account(decided->second)),
             "a decision behind the account's lock was not seen", payment_.Text(row, "order_id"));
    }
    if (!end_.calm) return;
    for (const auto& [id, times] : end_.broker.routed_events()) {
      Expect(times == 1, "published again, although nothing broke", id);
    }
  }

  const End& end_;
  const Reader order_;
  const Reader payment_;
  const Reader account_;
  const Reader entry_;
  const Index orders_;
  const Index payments_;
  const Index accounts_;
  const Index entries_;
};

}  // namespace

orders::Order ReadOrder(Server& server, const sql::Row* row) {
  const Reader read(server, "orders");
  return {.id = *orders::OrderId::Parse(read.Text(row, "id")),
          .user_id = *types::UserId::Parse(read.Text(row, "user_id")),
          .amount = types::Money::FromMinorUnits(read.Number(row, "amount")),
          .description = read.Text(row, "description"),
          .status = orders::OrderStatusFromColumn(read.Text(row, "status")),
          .cancel_reason = std::nullopt,
          .create_time = TimeOf(server, "orders", row, "create_time"),
          .update_time = TimeOf(server, "orders", row, "update_time"),
          .idempotency_key = std::nullopt};
}

bool AllSettled(Server& orders_server) {
  const Reader order(orders_server, "orders");
  const std::vector<const sql::Row*> rows = orders_server.store().Committed("orders");
  return std::none_of(rows.begin(), rows.end(),
                      [&](const sql::Row* row) { return order.Text(row, "status") == "NEW"; });
}

void CheckBalances(Server& payments_server, Books& books) {
  struct Ledger {
    std::int64_t sum = 0;
    std::int64_t newest = 0;
    std::int64_t balance = 0;
  };
  const Reader entry(payments_server, "ledger_entries");
  std::map<std::string, Ledger> ledgers;
  for (const sql::Row* row : payments_server.store().Committed("ledger_entries")) {
    Ledger& ledger = ledgers[entry.Text(row, "user_id")];
    const bool adds = entry.Text(row, "kind") == "TOP_UP";
    ledger.sum += adds ? entry.Number(row, "amount") : -entry.Number(row, "amount");
    if (entry.Number(row, "entry_number") < ledger.newest) continue;
    ledger.newest = entry.Number(row, "entry_number");
    ledger.balance = entry.Number(row, "balance_after");
  }
  for (const auto& [user, ledger] : ledgers) {
    if (ledger.balance >= 0 && ledger.balance == ledger.sum) continue;
    books.violations.push_back(
        absl::StrCat("I5: balance ", ledger.balance, ", ledger ", ledger.sum, " of ", user));
  }
}

void CheckAck(const std::string& queue, const BrokerMessage& message, Server& orders_server,
              Server& payments_server, Books& books) {
  const bool is_request = queue == "payments.payment-requested";
  Server& server = is_request ? payments_server : orders_server;
  const std::string table = is_request ? "payment_transactions" : "orders";
  const Reader read(server, table);
  std::set<std::string> done;
  for (const sql::Row* row : server.store().Committed(table)) {
    if (is_request || read.Text(row, "status") != "NEW") {
      done.insert(read.Text(row, is_request ? "order_id" : "id"));
    }
  }
  for (const BrokerEvent& event : EventsOf(message)) {
    if (done.contains(event.correlation_id)) continue;
    books.violations.push_back(
        absl::StrCat("acked before its commit: ", event.id, " of ", event.correlation_id));
  }
}

void CheckBooks(const End& end) { BooksCheck(end).Run(); }

}  // namespace simulation
