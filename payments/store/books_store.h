#ifndef PAYMENTS_STORE_BOOKS_STORE_H_
#define PAYMENTS_STORE_BOOKS_STORE_H_

#include <span>
#include <vector>

#include "payments/domain/account.h"
#include "payments/domain/payment.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"

// The books are ledger and decisions; both are only ever added to. What a
// transaction writes to them it writes at once.
namespace payments {

// All statements of this file, to be prepared at connect.
std::vector<pg::Statement> BooksStatements();

// Appends the entries and the decisions, in one round trip. Another's decision
// on the same order, committed meanwhile, is a unique violation: the transaction
// is run again and finds it. So is an entry of the same number, should its
// writer not have locked the account.
// Requires: the accounts are locked.
void WriteBooks(pg::Tx& tx, std::span<const LedgerEntry> entries,
                std::span<const Payment> payments);

}  // namespace payments

#endif  // PAYMENTS_STORE_BOOKS_STORE_H_
