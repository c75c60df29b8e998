#ifndef PLATFORM_PG_STATEMENT_H_
#define PLATFORM_PG_STATEMENT_H_

namespace pg {

// One SQL statement with its name, prepared on every connection when it opens.
// The name is unique in a service: the server knows the statement by it.
struct Statement {
  const char* name;
  const char* sql;
};

// Prepared on every connection, to see whether the server answers.
inline constexpr Statement kPing{"pg_ping", "SELECT 1"};

}  // namespace pg

#endif  // PLATFORM_PG_STATEMENT_H_
