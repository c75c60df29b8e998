#ifndef PLATFORM_OBSERVABILITY_LOG_LINE_H_
#define PLATFORM_OBSERVABILITY_LOG_LINE_H_

#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "platform/observability/log.h"

namespace observability {

// One JSON object without a line break: time (RFC 3339, UTC, microseconds),
// level, service, message, then the fields in order. Always valid UTF-8: bytes
// of a text that are not become U+FFFD.
std::string LogLine(absl::Time time, Level level, std::string_view service,
                    std::string_view message, std::initializer_list<Field> fields);

}  // namespace observability

#endif  // PLATFORM_OBSERVABILITY_LOG_LINE_H_
