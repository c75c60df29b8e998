#include "platform/config/environment.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace config {
namespace {

std::optional<std::string> LookUpInProcess(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

// absl::SimpleAtoi alone takes surrounding spaces and a plus sign too.
std::optional<std::int64_t> ParseInt(absl::string_view text) {
  absl::string_view digits = text;
  if (!digits.empty() && digits.front() == '-') digits.remove_prefix(1);
  const bool all_digits = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  std::int64_t number = 0;
  if (!all_digits || !absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

bool IsHost(absl::string_view host) {
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' ||
           (in_brackets && (c == ':' || c == '%'));
  });
}

bool IsHostPort(absl::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || !IsHost(text.substr(0, colon))) return false;
  const std::optional<std::int64_t> port = ParseInt(text.substr(colon + 1));
  return port && *port >= 1 && *port <= 65535;
}

// The parts of a comma-separated list; null if one is not allowed or repeated.
std::optional<std::vector<std::string>> ParseChoices(
    absl::string_view text, std::initializer_list<absl::string_view> allowed) {
  std::vector<std::string> chosen;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const absl::string_view choice = absl::StripAsciiWhitespace(part);
    if (std::find(allowed.begin(), allowed.end(), choice) == allowed.end()) return std::nullopt;
    if (std::find(chosen.begin(), chosen.end(), choice) != chosen.end()) return std::nullopt;
    chosen.emplace_back(choice);
  }
  return chosen;
}

}  // namespace

Environment::Environment() : lookup_(LookUpInProcess) {}

Environment::Environment(std::map<std::string, std::string> variables)
    : lookup_([variables = std::move(variables)](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      }) {}

std::string Environment::Text(const char* name, absl::string_view fallback) {
  return Value(name).value_or(std::string(fallback));
}

std::int64_t Environment::Int(const char* name, std::int64_t fallback, std::int64_t min,
                              std::int64_t max) {
  const std::optional<std::string> value = Value(name);
  if (!value) return fallback;
  const std::optional<std::int64_t> number = ParseInt(*value);
  if (number && *number >= min && *number <= max) return *number;
  Refuse(name, absl::StrCat("an integer from ", min, " to ", max));
  return fallback;
}

absl::Duration Environment::Millis(const char* name, std::int64_t fallback_ms, std::int64_t min_ms,
                                   std::int64_t max_ms) {
  return absl::Milliseconds(Int(name, fallback_ms, min_ms, max_ms));
}

std::string Environment::Choice(const char* name, absl::string_view fallback,
                                std::initializer_list<absl::string_view> allowed) {
  const std::optional<std::string> value = Value(name);
  if (!value) return std::string(fallback);
  if (std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) return *value;
  Refuse(name, absl::StrCat("one of ", absl::StrJoin(allowed, ", ")));
  return std::string(fallback);
}

std::vector<std::string> Environment::Choices(const char* name, absl::string_view fallback,
                                              std::initializer_list<absl::string_view> allowed) {
  if (const std::optional<std::string> value = Value(name)) {
    if (const auto chosen = ParseChoices(*value, allowed)) return *chosen;
    Refuse(name, absl::StrCat("a comma-separated list of ", absl::StrJoin(allowed, ", "),
                              ", each at most once"));
  }
  return ParseChoices(fallback, allowed).value_or(std::vector<std::string>());
}

std::string Environment::HostPort(const char* name, absl::string_view fallback) {
  const std::optional<std::string> value = Value(name);
  if (!value) return std::string(fallback);
  if (IsHostPort(*value)) return *value;
  Refuse(name, "host:port with a port from 1 to 65535");
  return std::string(fallback);
}

absl::Status Environment::Finish() const {
  if (problems_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(problems_, "; "));
}

std::optional<std::string> Environment::Value(const char* name) const {
  std::optional<std::string> value = lookup_(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

void Environment::Refuse(const char* name, absl::string_view allowed) {
  problems_.push_back(absl::StrCat(name, " must be ", allowed));
}

}  // namespace config
