#include "platform/pg/conninfo.h"

#include <libpq-fe.h>

#include <array>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

namespace pg {
namespace {

using Setting = std::pair<std::string_view, std::string_view>;

constexpr std::array kConnectionDefaults = {
    Setting{"connect_timeout", "3"},     Setting{"keepalives_idle", "5"},
    Setting{"keepalives_interval", "2"}, Setting{"keepalives_count", "2"},
    Setting{"tcp_user_timeout", "5000"}, Setting{"target_session_attrs", "read-write"},
};

constexpr std::string_view kSessionOptions = "options";

// Stands before the options that are given: of two values the server takes the last.
constexpr std::string_view kSessionDefaults =
    "-c statement_timeout=3000 -c lock_timeout=250 "
    "-c idle_in_transaction_session_timeout=15000 "
    // A statement is planned once a connection, not at each execution. Planned while its tables
    // are empty, as the outbox mostly is, it would read them whole for ever: so the planner is
    // left with index scans and nested loops, which are right at any size.
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off "
    "-c enable_hashjoin=off -c enable_mergejoin=off";

void Append(std::string& to, std::string_view keyword, std::string_view value) {
  if (!to.empty()) to.push_back(' ');
  to.append(keyword).append("='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') to.push_back('\\');
    to.push_back(c);
  }
  to.push_back('\'');
}

}  // namespace

absl::StatusOr<std::string> WithSessionSettings(const std::string& conninfo) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), nullptr), &PQconninfoFree);
  if (!options) return absl::InvalidArgumentError("not a libpq connection string");
  std::string all;
  std::string session(kSessionDefaults);
  std::set<std::string_view> given;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::string_view(option->keyword) == kSessionOptions) {
      session.append(" ").append(option->val);
      continue;
    }
    given.insert(option->keyword);
    Append(all, option->keyword, option->val);
  }
  Append(all, kSessionOptions, session);
  for (const auto& [keyword, value] : kConnectionDefaults) {
    if (!given.contains(keyword)) Append(all, keyword, value);
  }
  return all;
}

}  // namespace pg
