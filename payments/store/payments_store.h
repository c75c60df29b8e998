#ifndef PAYMENTS_STORE_PAYMENTS_STORE_H_
#define PAYMENTS_STORE_PAYMENTS_STORE_H_

#include <cstddef>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "payments/domain/payment.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"
#include "platform/types/uuid.h"

// The tables `payment_transactions` and `inbox`. Functions run inside the
// caller's transaction and decide nothing.
namespace payments {

// All statements of this file, to be prepared at connect.
std::vector<pg::Statement> PaymentsStatements();

// An event that arrived, and whose user it is about.
struct InboxRow {
  types::Uuid event_id;
  UserId user_id;
};

// Notes the events as seen. Returns those that were not noted before; the others
// are locked, so that this commit waits for what theirs may still wait for.
absl::flat_hash_set<types::Uuid> InsertInbox(pg::Tx& tx, std::span<const InboxRow> rows);

// Deletes up to `rows_max` events that were noted more than `age` ago by the database's
// clock, the oldest first, but for those that another transaction holds. Returns how
// many.
std::size_t DeleteFromInbox(pg::Tx& tx, absl::Duration age, std::size_t rows_max);

// The decisions already taken on these orders.
absl::flat_hash_map<OrderId, Payment> SelectPayments(pg::Tx& tx, std::span<const OrderId> ids);

}  // namespace payments

#endif  // PAYMENTS_STORE_PAYMENTS_STORE_H_
