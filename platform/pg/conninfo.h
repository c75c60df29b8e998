#ifndef PLATFORM_PG_CONNINFO_H_
#define PLATFORM_PG_CONNINFO_H_

#include <string>

#include "absl/status/statusor.h"

namespace pg {

// Adds what `conninfo` (libpq's, keywords or URI) leaves out, so that no
// statement, lock or dead link holds a thread for long: connect_timeout 3 s,
// tcp_user_timeout 5 s with keepalives, statement_timeout 3 s, lock_timeout
// 250 ms, idle_in_transaction_session_timeout 15 s (longer than the relay waits
// for confirms), target_session_attrs=read-write; and that a statement is planned
// once a connection, by indexes and nested loops alone, whatever size its tables
// have then: plan_cache_mode=force_generic_plan, enable_seqscan=off and such.
// What each statement's plan must be: PlansTest in tests/integration.
// Those of the session stand before its own `options`, which may say otherwise.
// INVALID_ARGUMENT if libpq cannot read it; the text may hold a password and
// is not repeated.
absl::StatusOr<std::string> WithSessionSettings(const std::string& conninfo);

}  // namespace pg

#endif  // PLATFORM_PG_CONNINFO_H_
