#ifndef PAYMENTS_API_PAYMENTS_HANDLER_H_
#define PAYMENTS_API_PAYMENTS_HANDLER_H_

#include "absl/status/statusor.h"
#include "payments/app/create_accounts.h"
#include "payments/app/top_up_accounts.h"
#include "payments/v1/payments.pb.h"
#include "platform/clock/clock.h"
#include "platform/pg/group_commit.h"
#include "platform/pg/pool.h"
#include "platform/rpc/caller.h"
#include "platform/rpc/done.h"

namespace payments {

// What payments.v1.PaymentsService does: parse, call one app function, map. The
// service is the authority on what is valid, whatever a gateway let through.
class PaymentsHandler {
 public:
  using CreateCommit = pg::GroupCommit<CreateAccountCommand, Account>;
  using TopUpCommit = pg::GroupCommit<TopUpCommand, ToppedUp>;
  using CreateAccountDone = rpc::Done<v1::Account>;
  using TopUpDone = rpc::KeyedDone<v1::Balance>;

  // All outlive the handler.
  PaymentsHandler(CreateCommit& create_commit, TopUpCommit& top_up_commit, pg::Pool& readers,
                  const clocks::Clock& clock)
      : create_commit_(create_commit),
        top_up_commit_(top_up_commit),
        readers_(readers),
        clock_(clock) {}

  // These two never block: `done` runs after the group's commit.
  void CreateAccount(const rpc::Caller& caller, const v1::CreateAccountRequest& request,
                     CreateAccountDone done) const;
  void TopUp(const rpc::Caller& caller, const v1::TopUpRequest& request, TopUpDone done) const;

  absl::StatusOr<v1::Balance> GetBalance(const rpc::Caller& caller,
                                         const v1::GetBalanceRequest& request) const;
  absl::StatusOr<v1::ListTransactionsResponse> ListTransactions(
      const rpc::Caller& caller, const v1::ListTransactionsRequest& request) const;

 private:
  CreateCommit& create_commit_;
  TopUpCommit& top_up_commit_;
  pg::Pool& readers_;
  const clocks::Clock& clock_;
};

}  // namespace payments

#endif  // PAYMENTS_API_PAYMENTS_HANDLER_H_
