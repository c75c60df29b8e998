#ifndef PLATFORM_TYPES_ERROR_H_
#define PLATFORM_TYPES_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace types {

// A Status that a caller may see: `reason` is a stable UPPER_SNAKE word that
// programs act on (google.rpc.ErrorInfo.reason), `message` a sentence for people.
absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message);

// INVALID_ARGUMENT that names the request field at fault (google.rpc.BadRequest).
absl::Status FieldError(absl::string_view reason, absl::string_view field,
                        absl::string_view message);

// "" for a Status made without one: then its message is not for callers.
std::string ReasonOf(const absl::Status& status);
// "" where no field is at fault.
std::string FieldOf(const absl::Status& status);

}  // namespace types

#endif  // PLATFORM_TYPES_ERROR_H_
