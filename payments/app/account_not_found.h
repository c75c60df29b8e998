#ifndef PAYMENTS_APP_ACCOUNT_NOT_FOUND_H_
#define PAYMENTS_APP_ACCOUNT_NOT_FOUND_H_

#include "absl/status/status.h"
#include "platform/types/error.h"

namespace payments {

// What every use case answers a caller without an account.
inline absl::Status AccountNotFound() {
  return types::Error(absl::StatusCode::kNotFound, "ACCOUNT_NOT_FOUND",
                      "you have no account; open one first");
}

}  // namespace payments

#endif  // PAYMENTS_APP_ACCOUNT_NOT_FOUND_H_
