#ifndef PAYMENTS_API_PAYMENT_MAPPING_H_
#define PAYMENTS_API_PAYMENT_MAPPING_H_

#include "absl/status/statusor.h"
#include "payments/app/list_ledger.h"
#include "payments/app/top_up_accounts.h"
#include "payments/domain/account.h"
#include "payments/v1/payments.pb.h"

// The typed API <-> the domain. Parsing errors name the field.
namespace payments {

v1::Account ToProto(const Account& account);
v1::Balance ToProto(const UserId& user_id, Money balance);
v1::ListTransactionsResponse ToProto(const ListLedgerQuery& query, const LedgerPage& page);

// INVALID_AMOUNT. Makes the id of the top-up's ledger entry.
absl::StatusOr<TopUpCommand> ParseTopUp(const UserId& user_id, const v1::TopUpRequest& request,
                                        absl::Time now);
// INVALID_PAGE_SIZE or INVALID_PAGE_TOKEN.
absl::StatusOr<ListLedgerQuery> ParseListTransactions(const UserId& user_id,
                                                      const v1::ListTransactionsRequest& request);

}  // namespace payments

#endif  // PAYMENTS_API_PAYMENT_MAPPING_H_
