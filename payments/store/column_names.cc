#include "payments/store/column_names.h"

#include "platform/check/check.h"

namespace payments {

std::string_view ToColumn(EntryKind kind) {
  switch (kind) {
    case EntryKind::kTopUp:
      return "TOP_UP";
    case EntryKind::kCharge:
      return "CHARGE";
  }
  CHECK(false);
}

std::string_view ToColumn(DeclineReason reason) {
  switch (reason) {
    case DeclineReason::kInsufficientFunds:
      return "INSUFFICIENT_FUNDS";
    case DeclineReason::kAccountNotFound:
      return "ACCOUNT_NOT_FOUND";
  }
  CHECK(false);
}

EntryKind EntryKindFromColumn(std::string_view word) {
  for (const EntryKind kind : {EntryKind::kTopUp, EntryKind::kCharge}) {
    if (word == ToColumn(kind)) return kind;
  }
  CHECK(false);
}

DeclineReason DeclineReasonFromColumn(std::string_view word) {
  for (const DeclineReason reason :
       {DeclineReason::kInsufficientFunds, DeclineReason::kAccountNotFound}) {
    if (word == ToColumn(reason)) return reason;
  }
  CHECK(false);
}

}  // namespace payments
