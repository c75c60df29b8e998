#include "payments/api/payments_handler.h"

#include <utility>

#include "payments/api/payment_mapping.h"
#include "payments/app/get_balance.h"
#include "payments/app/list_ledger.h"

namespace payments {

void PaymentsHandler::CreateAccount(const rpc::Caller& caller, const v1::CreateAccountRequest&,
                                    CreateAccountDone done) const {
  const absl::Time now = clock_.Now();
  create_commit_.Submit({{.id = AccountId::New(now),
                          .user_id = caller.user_id(),
                          .balance = Money(),
                          .create_time = now}},
                        caller.deadline(),
                        [done = std::move(done)](absl::StatusOr<Account> account) {
                          if (!account.ok()) return done(account.status());
                          done(ToProto(*account));
                        });
}

void PaymentsHandler::TopUp(const rpc::Caller& caller, const v1::TopUpRequest& request,
                            TopUpDone done) const {
  if (!caller.idempotency_key().ok()) return done(caller.idempotency_key().status());
  absl::StatusOr<TopUpCommand> top_up = ParseTopUp(caller.user_id(), request, clock_.Now());
  if (!top_up.ok()) return done(top_up.status());
  top_up->idempotency_key = *caller.idempotency_key();
  top_up_commit_.Submit(
      *std::move(top_up), caller.deadline(),
      [done = std::move(done), user_id = caller.user_id()](absl::StatusOr<ToppedUp> topped_up) {
        if (!topped_up.ok()) return done(topped_up.status());
        done(rpc::KeyedReply<v1::Balance>{.message = ToProto(user_id, topped_up->balance),
                                          .replayed = topped_up->replayed});
      });
}

absl::StatusOr<v1::Balance> PaymentsHandler::GetBalance(const rpc::Caller& caller,
                                                        const v1::GetBalanceRequest&) const {
  const absl::StatusOr<Money> balance = payments::GetBalance(readers_, caller.user_id());
  if (!balance.ok()) return balance.status();
  return ToProto(caller.user_id(), *balance);
}

absl::StatusOr<v1::ListTransactionsResponse> PaymentsHandler::ListTransactions(
    const rpc::Caller& caller, const v1::ListTransactionsRequest& request) const {
  const absl::StatusOr<ListLedgerQuery> query = ParseListTransactions(caller.user_id(), request);
  if (!query.ok()) return query.status();
  const absl::StatusOr<LedgerPage> page = ListLedger(readers_, *query);
  if (!page.ok()) return page.status();
  return ToProto(*query, *page);
}

}  // namespace payments
