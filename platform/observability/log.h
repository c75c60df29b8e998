#ifndef PLATFORM_OBSERVABILITY_LOG_H_
#define PLATFORM_OBSERVABILITY_LOG_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace observability {

enum class Level { kDebug, kInfo, kWarning, kError };

// One named value of a log line, e.g. {"order_id", id.ToString()}.
struct Field {
  std::string_view name;
  std::string value;
};

// Writes one JSON line on stderr: time, level, service, message, the fields.
// Values are escaped; any bytes are allowed. Safe from any thread. Meant for
// what an operator acts on, never for each order.
void Log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

// Before the first Log: names the service in each line, drops what is below
// `level` ("debug", "info", "warning", "error"). False if there is no such level.
bool StartLogging(std::string_view service, std::string_view level);

}  // namespace observability

#endif  // PLATFORM_OBSERVABILITY_LOG_H_
