#ifndef PAYMENTS_STORE_COLUMN_NAMES_H_
#define PAYMENTS_STORE_COLUMN_NAMES_H_

#include <string_view>

#include "payments/domain/account.h"
#include "payments/domain/charge.h"

namespace payments {

// The words of the columns kind and decline_reason. Parsing any other word
// aborts: the tables' CHECKs allow none.
std::string_view ToColumn(EntryKind kind);
std::string_view ToColumn(DeclineReason reason);
EntryKind EntryKindFromColumn(std::string_view word);
DeclineReason DeclineReasonFromColumn(std::string_view word);

}  // namespace payments

#endif  // PAYMENTS_STORE_COLUMN_NAMES_H_
