#include "payments/api/payment_mapping.h"

#include "gtest/gtest.h"
#include "platform/types/error.h"

namespace payments {
namespace {

const UserId kUser = *UserId::Parse("u1");
const absl::Time kNow = absl::FromUnixSeconds(1700000000);

LedgerEntry Entry(std::int64_t number) {
  return {.id = EntryId::New(kNow),
          .user_id = kUser,
          .number = number,
          .kind = EntryKind::kTopUp,
          .amount = Money::FromMinorUnits(100),
          .balance_after = Money::FromMinorUnits(100),
          .order_id = std::nullopt,
          .create_time = kNow,
          .idempotency_key = std::nullopt};
}

TEST(ParseTopUpTest, NamesTheAmountWhenItIsOutOfRange) {
  v1::TopUpRequest request;
  for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{-5}, std::int64_t{1} << 53}) {
    request.set_amount(amount);
    EXPECT_EQ(types::FieldOf(ParseTopUp(kUser, request, kNow).status()), "amount") << amount;
  }
  request.set_amount(9007199254740991);
  EXPECT_EQ(ParseTopUp(kUser, request, kNow)->amount.minor_units(), 9007199254740991);
}

TEST(LedgerPageTest, NextPageBeginsBelowTheLastEntry) {
  v1::ListTransactionsRequest request;
  const ListLedgerQuery first = *ParseListTransactions(kUser, request);
  request.set_page_token(ToProto(first, {{Entry(8), Entry(7)}, true}).next_page_token());
  EXPECT_EQ(ParseListTransactions(kUser, request)->before, 7);
}

TEST(LedgerPageTest, AChargeNamesItsOrderAndATopUpNone) {
  LedgerEntry charge = Entry(2);
  charge.kind = EntryKind::kCharge;
  charge.order_id = OrderId::New(kNow);
  const ListLedgerQuery query{.user_id = kUser, .before = {}, .page_size = 50};
  const v1::ListTransactionsResponse response = ToProto(query, {{charge, Entry(1)}, false});
  EXPECT_EQ(response.transactions(0).kind(), v1::Transaction::CHARGE);
  EXPECT_EQ(response.transactions(0).order_id(), charge.order_id->ToString());
  EXPECT_FALSE(response.transactions(1).has_order_id());
  EXPECT_EQ(response.next_page_token(), "");
}

}  // namespace
}  // namespace payments
