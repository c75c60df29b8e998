#include "payments/api/payment_mapping.h"

#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "google/protobuf/util/time_util.h"
#include "platform/types/error.h"
#include "platform/types/paging.h"

namespace payments {
namespace {

// The list that page tokens made here belong to.
constexpr const char* kLedgerScope = "ledger";

google::protobuf::Timestamp ToProto(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

v1::Transaction ToProto(const LedgerEntry& entry) {
  v1::Transaction proto;
  proto.set_id(entry.id.ToString());
  proto.set_kind(entry.kind == EntryKind::kTopUp ? v1::Transaction::TOP_UP
                                                 : v1::Transaction::CHARGE);
  proto.set_amount(entry.amount.minor_units());
  proto.set_balance_after(entry.balance_after.minor_units());
  if (entry.order_id) proto.set_order_id(entry.order_id->ToString());
  *proto.mutable_create_time() = ToProto(entry.create_time);
  return proto;
}

absl::StatusOr<std::optional<std::int64_t>> ParsePageToken(const UserId& user_id,
                                                           const std::string& token) {
  if (token.empty()) return std::optional<std::int64_t>();
  const absl::StatusOr<std::string> key = types::DecodePageToken(user_id, kLedgerScope, token);
  if (!key.ok()) return key.status();
  std::int64_t number = 0;
  if (!absl::SimpleAtoi(*key, &number)) {
    return types::FieldError("INVALID_PAGE_TOKEN", "page_token", "page_token is damaged");
  }
  return std::optional(number);
}

}  // namespace

v1::Account ToProto(const Account& account) {
  v1::Account proto;
  proto.set_user_id(account.user_id.ToString());
  proto.set_balance(account.balance.minor_units());
  *proto.mutable_create_time() = ToProto(account.create_time);
  return proto;
}

v1::Balance ToProto(const UserId& user_id, Money balance) {
  v1::Balance proto;
  proto.set_user_id(user_id.ToString());
  proto.set_balance(balance.minor_units());
  return proto;
}

v1::ListTransactionsResponse ToProto(const ListLedgerQuery& query, const LedgerPage& page) {
  v1::ListTransactionsResponse response;
  for (const LedgerEntry& entry : page.entries) *response.add_transactions() = ToProto(entry);
  if (page.has_more) {
    response.set_next_page_token(types::EncodePageToken(
        query.user_id, kLedgerScope, std::to_string(page.entries.back().number)));
  }
  return response;
}

absl::StatusOr<TopUpCommand> ParseTopUp(const UserId& user_id, const v1::TopUpRequest& request,
                                        absl::Time now) {
  if (!Money::IsValidAmount(request.amount())) {
    return types::FieldError("INVALID_AMOUNT", "amount",
                             "amount must be an integer from 1 to 9007199254740991");
  }
  return TopUpCommand{.entry_id = EntryId::New(now),
                      .user_id = user_id,
                      .amount = Money::FromMinorUnits(request.amount()),
                      .create_time = now,
                      .idempotency_key = std::nullopt};
}

absl::StatusOr<ListLedgerQuery> ParseListTransactions(const UserId& user_id,
                                                      const v1::ListTransactionsRequest& request) {
  const absl::StatusOr<std::int32_t> page_size = types::ParsePageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const absl::StatusOr<std::optional<std::int64_t>> before =
      ParsePageToken(user_id, request.page_token());
  if (!before.ok()) return before.status();
  return ListLedgerQuery{.user_id = user_id, .before = *before, .page_size = *page_size};
}

}  // namespace payments
