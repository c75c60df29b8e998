#include "payments/app/charge_orders.h"

#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "payments/domain/charge.h"
#include "payments/store/accounts_store.h"
#include "payments/store/books_store.h"
#include "payments/store/payments_store.h"
#include "platform/messaging/outbox.h"

namespace payments {
namespace {

// What the batch knows and what it is going to write.
class ChargeBatch {
 public:
  ChargeBatch(absl::flat_hash_map<UserId, Holding> holdings,
              absl::flat_hash_map<OrderId, Payment> decided, absl::Time now)
      : holdings_(std::move(holdings)), decided_(std::move(decided)), now_(now) {}

  // No value if the order's payment is not decided yet.
  const Payment* Decided(const OrderId& order_id) const {
    const auto found = decided_.find(order_id);
    return found == decided_.end() ? nullptr : &found->second;
  }

  const Payment& Decide(const PaymentRequested& request) {
    const auto holding = holdings_.find(request.user_id);
    const bool has_account = holding != holdings_.end();
    const Charge charge = DecideCharge(
        has_account ? std::optional(holding->second.balance) : std::nullopt, request.amount);
    if (charge.approved()) {
      entries_.push_back({.id = EntryId::New(now_),
                          .user_id = request.user_id,
                          .number = holding->second.last_entry + 1,
                          .kind = EntryKind::kCharge,
                          .amount = request.amount,
                          .balance_after = charge.balance_after,
                          .order_id = request.order_id,
                          .create_time = now_,
                          .idempotency_key = std::nullopt});
      holding->second = HoldingAfter(entries_.back());
    }
    payments_.push_back({.order_id = request.order_id,
                         .user_id = request.user_id,
                         .amount = request.amount,
                         .declined = charge.declined,
                         .create_time = now_});
    return decided_.emplace(request.order_id, payments_.back()).first->second;
  }

  void Answer(const Payment& payment, const std::string& trace) {
    answers_.push_back(PaymentProcessed(payment, types::Uuid::V7(now_), trace));
  }

  void Write(pg::Tx& tx, const messaging::Outbox& outbox) {
    WriteBooks(tx, entries_, payments_);
    if (!answers_.empty()) outbox.Append(tx, std::move(answers_));
  }

 private:
  absl::flat_hash_map<UserId, Holding> holdings_;
  absl::flat_hash_map<OrderId, Payment> decided_;
  const absl::Time now_;
  std::vector<LedgerEntry> entries_;
  std::vector<Payment> payments_;
  std::vector<messaging::OutboxMessage> answers_;
};

bool SameTerms(const Payment& payment, const PaymentRequested& request) {
  return payment.user_id == request.user_id && payment.amount == request.amount;
}

}  // namespace

std::vector<absl::Status> ChargeOrders(pg::Tx& tx, std::span<const ChargeOrderCommand> commands,
                                       absl::Time now, const messaging::Outbox& outbox) {
  std::vector<InboxRow> arrived;
  std::vector<UserId> user_ids;
  std::vector<OrderId> order_ids;
  for (const ChargeOrderCommand& command : commands) {
    arrived.push_back({command.event_id, command.request.user_id});
    user_ids.push_back(command.request.user_id);
    order_ids.push_back(command.request.order_id);
  }
  absl::flat_hash_set<types::Uuid> fresh = InsertInbox(tx, arrived);
  absl::flat_hash_map<UserId, Holding> holdings = LockAccounts(tx, user_ids);
  // Read after the lock, by a statement with a snapshot of its own: a decision
  // that the lock waited for must be seen.
  absl::flat_hash_map<OrderId, Payment> decided = SelectPayments(tx, order_ids);

  ChargeBatch batch(std::move(holdings), std::move(decided), now);
  std::vector<absl::Status> answers;
  answers.reserve(commands.size());
  for (const ChargeOrderCommand& command : commands) {
    const bool seen_before = fresh.erase(command.event_id) == 0;
    const Payment* payment = batch.Decided(command.request.order_id);
    if (payment != nullptr && !SameTerms(*payment, command.request)) {
      answers.push_back(
          absl::FailedPreconditionError("the order was decided for another user or amount"));
      continue;
    }
    if (payment == nullptr) {
      batch.Answer(batch.Decide(command.request), command.trace);
    } else if (!seen_before) {
      batch.Answer(*payment, command.trace);
    }
    answers.push_back(absl::OkStatus());
  }
  batch.Write(tx, outbox);
  return answers;
}

}  // namespace payments
