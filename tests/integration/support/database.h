#ifndef TESTS_INTEGRATION_SUPPORT_DATABASE_H_
#define TESTS_INTEGRATION_SUPPORT_DATABASE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "platform/pg/pool.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"
#include "platform/types/user_id.h"

namespace support {

// A pool on the database that the environment variable names, as the service's
// own role. Fails the process, and says so, where the variable is not set.
pg::Pool NewPool(const char* variable, std::vector<pg::Statement> statements,
                 std::size_t connections_max = 8);

// One connection that waits for locked rows for as long as a statement may take, so that
// Postgres finds a deadlock before, and a slow disk is none.
pg::Pool NewPatientPool(const char* variable, std::vector<pg::Statement> statements);

// A user nobody else has: tests share the databases.
types::UserId NewUser();

// Runs one transaction, or each statement by itself, and expects it to succeed.
void Commit(pg::Pool& pool, absl::FunctionRef<void(pg::Tx&)> work);
void Query(pg::Pool& pool, absl::FunctionRef<void(pg::Tx&)> work);

// The first column of all rows: what EXPLAIN says.
std::string Lines(const pg::Result& rows);

}  // namespace support

#endif  // TESTS_INTEGRATION_SUPPORT_DATABASE_H_
