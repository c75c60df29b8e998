#ifndef PLATFORM_PG_DATABASE_H_
#define PLATFORM_PG_DATABASE_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "platform/pg/tx.h"

namespace pg {

// How one attempt at a transaction ended.
enum class End {
  kKnown,         // committed, or, of a transaction, rolled back because the work said so
  kRunAgain,      // outcome unknown, or a fault that may pass
  kNoConnection,  // nothing was run
  kBadData,       // refused by the database for what it holds
  kNoLock,        // lock_timeout
  kOurFault,      // a statement or schema that is wrong
};

// How an attempt ended that the server refused with this SQLSTATE. An empty one is
// a lost link.
End EndOf(std::string_view sqlstate);

struct Outcome {
  End end = End::kOurFault;
  // What the work returned, if kKnown; else what went wrong, for the log alone.
  absl::Status status;
};

// Where transactions run: a Pool of connections to Postgres, or a simulation.
// transaction.h says what is done about each outcome.
class Database {
 public:
  virtual ~Database() = default;

  // kStatements: each statement commits by itself.
  enum class Mode { kTransaction, kStatements };

  // Runs `work` once, on one connection, and commits a transaction unless it returns a
  // non-OK Status. Waits at most `time_max` for one of the connections; to open it takes
  // up to 3 s more for each host that does not answer (conninfo.h). Work that is still under way
  // a second after `time_max` is cut off.
  virtual Outcome Attempt(Mode mode, absl::FunctionRef<absl::Status(Tx&)> work,
                          absl::Duration time_max) = 0;
};

}  // namespace pg

#endif  // PLATFORM_PG_DATABASE_H_
