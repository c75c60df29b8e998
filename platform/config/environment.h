#ifndef PLATFORM_CONFIG_ENVIRONMENT_H_
#define PLATFORM_CONFIG_ENVIRONMENT_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace config {

// Reads typed settings from environment variables. A setting that is absent or
// empty has its fallback. A bad one is noted and reads as the fallback, so that
// Finish names every bad setting at once.
//
// Requires: fallbacks are allowed values. Use from one thread, in main.
class Environment {
 public:
  // The environment of this process.
  Environment();
  // These variables and no others, for tests.
  explicit Environment(std::map<std::string, std::string> variables);

  std::string Text(const char* name, absl::string_view fallback);

  // A decimal integer from `min` to `max`.
  std::int64_t Int(const char* name, std::int64_t fallback, std::int64_t min, std::int64_t max);

  // A whole number of milliseconds from `min_ms` to `max_ms`, without a unit.
  absl::Duration Millis(const char* name, std::int64_t fallback_ms, std::int64_t min_ms,
                        std::int64_t max_ms);

  // One of `allowed`.
  std::string Choice(const char* name, absl::string_view fallback,
                     std::initializer_list<absl::string_view> allowed);

  // One or more of `allowed`, separated by commas, each at most once; in the
  // order given. Spaces around them do not count.
  std::vector<std::string> Choices(const char* name, absl::string_view fallback,
                                   std::initializer_list<absl::string_view> allowed);

  // host:port, the port from 1 to 65535, an IPv6 host in brackets.
  std::string HostPort(const char* name, absl::string_view fallback);

  // OK, or INVALID_ARGUMENT that names each bad setting with what is allowed.
  // Never repeats a value: it may be a password in the wrong place.
  absl::Status Finish() const;

 private:
  // Null if the variable is absent or empty.
  std::optional<std::string> Value(const char* name) const;
  void Refuse(const char* name, absl::string_view allowed);

  // Null if the variable is not set.
  std::function<std::optional<std::string>(const char* name)> lookup_;
  std::vector<std::string> problems_;
};

}  // namespace config

#endif  // PLATFORM_CONFIG_ENVIRONMENT_H_
