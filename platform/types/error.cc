#include "platform/types/error.h"

#include <optional>

#include "absl/strings/cord.h"

namespace types {
namespace {

// Keys of the payloads; they never leave the process under these names.
constexpr absl::string_view kReason = "reason";
constexpr absl::string_view kField = "field";

std::string PayloadOf(const absl::Status& status, absl::string_view key) {
  const auto payload = status.GetPayload(key);
  return payload ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message) {
  absl::Status status(code, message);
  status.SetPayload(kReason, absl::Cord(reason));
  return status;
}

absl::Status FieldError(absl::string_view reason, absl::string_view field,
                        absl::string_view message) {
  absl::Status status = Error(absl::StatusCode::kInvalidArgument, reason, message);
  status.SetPayload(kField, absl::Cord(field));
  return status;
}

std::string ReasonOf(const absl::Status& status) { return PayloadOf(status, kReason); }

std::string FieldOf(const absl::Status& status) { return PayloadOf(status, kField); }

}  // namespace types
