#ifndef PAYMENTS_STORE_BOOKS_STORE_H_
#define PAYMENTS_STORE_BOOKS_STORE_H_

#include <span>
#include <vector>

#include "payments/domain/account.h"
#include "payments/domain/payment.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"

// The books are balances, ledger and decisions. What a transaction writes to
// them it writes at once.
namespace payments {

// All statements of this file, to be prepared at connect.
std::vector<pg::Statement> BooksStatements();

// Appends the entries, sets each account to its newest one's state and inserts
// the decisions, in one round trip. Another's decision on the same order,
// committed meanwhile, is a unique violation: the transaction is run again and
// finds it.
// Requires: the accounts are locked, the entries of each in order of number.
void WriteBooks(pg::Tx& tx, std::span<const LedgerEntry> entries,
                std::span<const Payment> payments);

}  // namespace payments

#endif  // PAYMENTS_STORE_BOOKS_STORE_H_
