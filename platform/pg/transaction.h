#ifndef PLATFORM_PG_TRANSACTION_H_
#define PLATFORM_PG_TRANSACTION_H_

#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/failpoint/failpoint.h"
#include "platform/pg/database.h"
#include "platform/pg/tx.h"

namespace pg {

// How long and how often a transaction whose outcome is unknown is run again.
struct RetryBudget {
  int attempts_max = 4;
  // No attempt starts later, and one under way is cut off a second after it: longer
  // than statement_timeout, so only a server that has fallen silent meets it.
  absl::Duration time_max = absl::Seconds(3);
  // Waits of backoff, 2 x backoff, .. between attempts, each jittered by half.
  absl::Duration backoff = absl::Milliseconds(20);
};

// Runs `work` in one transaction and commits it; again, on a fresh connection,
// while the outcome is unknown or the fault may pass: a commit in doubt, a lost
// link, SQLSTATE classes 08, 40, 53, 57 and 58, 23505 (a race), 25006, or none.
//
// Requires: work is idempotent by the ids it writes; it may run several times.
// Returns:  OK: committed, once known.
//           UNAVAILABLE: the budget ended; whether it committed is unknown.
//           INVALID_ARGUMENT, ABORTED: rolled back for good, see IsBadData.
//           INTERNAL: a fault of ours; text logged, not returned.
//           Any other Status that `work` returned: rolled back.
// Source:   docs/architecture.md, "Run again until known".
absl::Status RunAgainUntilKnown(Database& database, absl::FunctionRef<absl::Status(Tx&)> work,
                                const RetryBudget& budget = {});

// The same in the given mode. In kStatements what `work` writes must be one statement, which
// commits by itself, all or nothing, and saves the round trips of BEGIN and COMMIT. It stays,
// whatever becomes of what `work` reads or locks after it, and whatever `work` returns.
// Passes `before_commit` with nothing left but what commits: COMMIT, or all of `work`.
absl::Status RunAgainUntilKnown(Database& database, Database::Mode mode,
                                const failpoint::Failpoint& before_commit,
                                absl::FunctionRef<absl::Status(Tx&)> work,
                                const RetryBudget& budget = {});

// True if the span of commands that got this status holds one that the database
// refuses (SQLSTATE class 22 or 23) or cannot lock in time (55P03): the halves
// of the span may pass.
bool IsBadData(const absl::Status& status);

// Runs `work` that reads, or whose one statement need not be passed by a failpoint, each
// statement in a transaction of its own. A lost link is retried within the budget. Returns what
// `work` returned, or UNAVAILABLE or INTERNAL.
absl::Status Query(Database& database, absl::FunctionRef<absl::Status(Tx&)> work,
                   const RetryBudget& budget = {});

// Whether a connection can be had and answers, within the seconds of a connect.
bool IsReachable(Database& database);

}  // namespace pg

#endif  // PLATFORM_PG_TRANSACTION_H_
