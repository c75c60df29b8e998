#include "tests/integration/support/database.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "platform/pg/conninfo.h"
#include "platform/pg/transaction.h"
#include "platform/types/uuid.h"

namespace support {

namespace {

std::string Conninfo(const char* variable) {
  const char* conninfo = std::getenv(variable);
  if (conninfo == nullptr) {
    std::fprintf(stderr, "%s is not set; tests/run.sh sets it\n", variable);
    std::exit(EXIT_FAILURE);
  }
  return conninfo;
}

}  // namespace

pg::Pool NewPool(const char* variable, std::vector<pg::Statement> statements,
                 std::size_t connections_max) {
  return pg::Pool({.conninfo = pg::WithSessionSettings(Conninfo(variable)).value(),
                   .statements = std::move(statements),
                   .connections_max = connections_max});
}

pg::Pool NewPatientPool(const char* variable, std::vector<pg::Statement> statements) {
  const std::string conninfo = Conninfo(variable) + " options='-c lock_timeout=0'";
  return pg::Pool({.conninfo = pg::WithSessionSettings(conninfo).value(),
                   .statements = std::move(statements),
                   .connections_max = 1});
}

types::UserId NewUser() {
  return *types::UserId::Parse("it-" + types::Uuid::V7(absl::Now()).ToString());
}

void Commit(pg::Pool& pool, absl::FunctionRef<void(pg::Tx&)> work) {
  const absl::Status end = pg::RunAgainUntilKnown(pool, [&](pg::Tx& tx) {
    work(tx);
    return absl::OkStatus();
  });
  EXPECT_TRUE(end.ok()) << end;
}

void Query(pg::Pool& pool, absl::FunctionRef<void(pg::Tx&)> work) {
  const absl::Status end = pg::Query(pool, [&](pg::Tx& tx) {
    work(tx);
    return absl::OkStatus();
  });
  EXPECT_TRUE(end.ok()) << end;
}

std::string Lines(const pg::Result& rows) {
  std::string lines;
  for (std::size_t i = 0; i < rows.size(); ++i) lines.append(rows[i].Text(0)).append("\n");
  return lines;
}

}  // namespace support
