#include "payments/store/books_store.h"

#include <utility>

#include "payments/store/column_names.h"
#include "platform/pg/array.h"

namespace payments {
namespace {

// Decisions without ON CONFLICT: one that is there already must stop this one.
constexpr pg::Statement kWriteBooks{"payments_write_books", R"sql(
    WITH entries AS (
        INSERT INTO ledger_entries
               (id, user_id, entry_number, kind, amount, balance_after, order_id, create_time,
                idempotency_key)
        SELECT id, user_id, entry_number, kind, amount, balance_after, order_id, create_time,
               idempotency_key
          FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::bigint[],
                      $6::bigint[], $7::uuid[], $8::timestamptz[], $9::text[])
            AS entry (id, user_id, entry_number, kind, amount, balance_after, order_id,
                      create_time, idempotency_key))
    INSERT INTO payment_transactions
           (order_id, user_id, amount, outcome, decline_reason, create_time)
    SELECT order_id, user_id, amount,
           CASE WHEN decline_reason IS NULL THEN 'SUCCEEDED' ELSE 'DECLINED' END,
           decline_reason, create_time
      FROM unnest($10::uuid[], $11::text[], $12::bigint[], $13::text[], $14::timestamptz[])
        AS payment (order_id, user_id, amount, decline_reason, create_time)
     ORDER BY order_id)sql"};

struct EntryColumns {
  pg::Array ids, user_ids, numbers, kinds, amounts, balances, order_ids, create_times, keys;
};

struct PaymentColumns {
  pg::Array order_ids, user_ids, amounts, decline_reasons, create_times;
};

EntryColumns ToColumns(std::span<const LedgerEntry> entries) {
  EntryColumns columns;
  for (const LedgerEntry& entry : entries) {
    columns.ids.Add(entry.id.uuid());
    columns.user_ids.Add(entry.user_id.ToString());
    columns.numbers.Add(entry.number);
    columns.kinds.Add(ToColumn(entry.kind));
    columns.amounts.Add(entry.amount.minor_units());
    columns.balances.Add(entry.balance_after.minor_units());
    if (entry.order_id) {
      columns.order_ids.Add(entry.order_id->uuid());
    } else {
      columns.order_ids.AddNull();
    }
    columns.create_times.Add(entry.create_time);
    if (entry.idempotency_key) {
      columns.keys.Add(entry.idempotency_key->ToString());
    } else {
      columns.keys.AddNull();
    }
  }
  return columns;
}

PaymentColumns ToColumns(std::span<const Payment> payments) {
  PaymentColumns columns;
  for (const Payment& payment : payments) {
    columns.order_ids.Add(payment.order_id.uuid());
    columns.user_ids.Add(payment.user_id.ToString());
    columns.amounts.Add(payment.amount.minor_units());
    if (payment.declined) {
      columns.decline_reasons.Add(ToColumn(*payment.declined));
    } else {
      columns.decline_reasons.AddNull();
    }
    columns.create_times.Add(payment.create_time);
  }
  return columns;
}

}  // namespace

std::vector<pg::Statement> BooksStatements() { return {kWriteBooks}; }

void WriteBooks(pg::Tx& tx, std::span<const LedgerEntry> entries,
                std::span<const Payment> payments) {
  if (entries.empty() && payments.empty()) return;
  EntryColumns entry = ToColumns(entries);
  PaymentColumns payment = ToColumns(payments);
  tx.Exec(kWriteBooks, std::move(entry.ids), std::move(entry.user_ids), std::move(entry.numbers),
          std::move(entry.kinds), std::move(entry.amounts), std::move(entry.balances),
          std::move(entry.order_ids), std::move(entry.create_times), std::move(entry.keys),
          std::move(payment.order_ids), std::move(payment.user_ids), std::move(payment.amounts),
          std::move(payment.decline_reasons), std::move(payment.create_times));
}

}  // namespace payments
