#ifndef TESTS_SIMULATION_BOOKS_H_
#define TESTS_SIMULATION_BOOKS_H_

#include <set>
#include <string>
#include <vector>

#include "orders/domain/order.h"
#include "payments/app/top_up_accounts.h"
#include "payments/domain/account.h"

namespace simulation {

// What a caller was told, at worst, by the tries of one call. kNothing: refused each
// time, so that nothing has happened. A refusal after a try of unknown end leaves it
// unknown.
enum class Known { kNothing, kUnknown, kAcknowledged };

// One call, which was tried again under the same idempotency key, if it has one, and
// maybe by a twin at the same time. Each try has made an id of its own; at most one of
// them is taken.
struct Tries {
  std::set<std::string> ids{};
  Known known = Known::kNothing;
  // What was acknowledged: the same each time.
  std::set<std::string> acknowledged{};
};

struct OrderCall {
  // What is asked for; each try has another id.
  orders::Order order;
  Tries tries{};
};

struct TopUpCall {
  payments::TopUpCommand command;
  // Of entries. Acknowledged are balances.
  Tries tries{};
};

struct AccountCall {
  payments::Account account;
  Known known = Known::kUnknown;
};

// All that the outside did: what the checks hold against the databases.
struct Books {
  std::vector<OrderCall> orders;
  std::vector<TopUpCall> top_ups;
  std::vector<AccountCall> accounts;
  // Ids of messages that can never be applied.
  std::set<std::string> poison;
  // Those of them that the broker has not lost itself.
  std::set<std::string> doomed;
  // Ids of messages that were dead-lettered.
  std::set<std::string> dead_letters;
  // What must not be and was.
  std::vector<std::string> violations;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_BOOKS_H_
