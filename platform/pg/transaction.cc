#include "platform/pg/transaction.h"

#include <string>
#include <utility>

#include "absl/random/uniform_real_distribution.h"
#include "platform/host/deadline.h"
#include "platform/host/host.h"
#include "platform/observability/log.h"
#include "platform/pg/statement.h"

namespace pg {
namespace {

absl::Status ToStatus(Outcome outcome) {
  switch (outcome.end) {
    case End::kKnown:
      return std::move(outcome.status);
    case End::kBadData:
      return absl::InvalidArgumentError("refused by the database");
    case End::kNoLock:
      return absl::AbortedError("a row stayed locked");
    case End::kOurFault:
      return absl::InternalError("database error");
    case End::kRunAgain:
    case End::kNoConnection:
      break;
  }
  return absl::UnavailableError("the database did not answer in time");
}

absl::Duration WaitAfter(int attempt, const RetryBudget& budget) {
  host::Random random;
  const absl::Duration full = budget.backoff * (1 << attempt);
  return full * absl::uniform_real_distribution<double>(0.5, 1.0)(random);
}

// Runs `work` until its end is known or the budget ends.
absl::Status RunWithin(const RetryBudget& budget, Database& database, Database::Mode mode,
                       absl::FunctionRef<absl::Status(Tx&)> work) {
  const host::Deadline deadline = host::Deadline::After(budget.time_max);
  for (int attempt = 0;; ++attempt) {
    Outcome outcome = database.Attempt(mode, work, deadline.Left());
    const bool again = outcome.end == End::kRunAgain || outcome.end == End::kNoConnection;
    if (!again) return ToStatus(std::move(outcome));
    const absl::Duration wait = WaitAfter(attempt, budget);
    if (attempt + 1 >= budget.attempts_max || deadline.Left() <= wait) {
      // Where there was no connection, the pool has said so.
      if (outcome.end == End::kRunAgain) {
        observability::Log(observability::Level::kWarning, "transaction given up",
                           {{"error", std::string(outcome.status.message())}});
      }
      return ToStatus(std::move(outcome));
    }
    host::SleepFor(wait);
  }
}

}  // namespace

bool IsBadData(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsAborted(status);
}

absl::Status RunAgainUntilKnown(Database& database, absl::FunctionRef<absl::Status(Tx&)> work,
                                const RetryBudget& budget) {
  return RunWithin(budget, database, Database::Mode::kTransaction, work);
}

absl::Status RunAgainUntilKnown(Database& database, Database::Mode mode,
                                const failpoint::Failpoint& before_commit,
                                absl::FunctionRef<absl::Status(Tx&)> work,
                                const RetryBudget& budget) {
  const bool by_itself = mode == Database::Mode::kStatements;
  return RunWithin(budget, database, mode, [&](Tx& tx) {
    if (by_itself) before_commit.Hit();
    absl::Status done = work(tx);
    if (!by_itself && done.ok()) before_commit.Hit();
    return done;
  });
}

absl::Status Query(Database& database, absl::FunctionRef<absl::Status(Tx&)> work,
                   const RetryBudget& budget) {
  return RunWithin(budget, database, Database::Mode::kStatements, work);
}

bool IsReachable(Database& database) {
  const auto ping = [](Tx& tx) {
    tx.Exec(kPing);
    return absl::OkStatus();
  };
  return Query(database, ping, {.attempts_max = 1, .time_max = absl::Seconds(1)}).ok();
}

}  // namespace pg
