#ifndef PLATFORM_PG_POOL_H_
#define PLATFORM_PG_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/pg/database.h"
#include "platform/pg/statement.h"
#include "platform/pg/watchdog.h"

namespace pg {

class Connection;  // connection.h, for platform/pg alone

struct PoolOptions {
  // libpq conninfo, with time limits (conninfo.h); may name several hosts.
  std::string conninfo;
  // Prepared on each connection as it opens.
  std::vector<Statement> statements;
  // Open connections at most. Each thread that commits needs one.
  std::size_t connections_max = 4;
};

// Keeps connections open between transactions.
//
// Threads: safe from any. Waits at most `wait` for a connection to come free.
// Errors:  a connection that saw a fault is closed, never handed out again.
class Pool final : public Database {
 public:
  explicit Pool(PoolOptions options);
  ~Pool() override;

  // A connection lent to one thread; goes back when destroyed.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection);
    Lease(Lease&&) noexcept;
    ~Lease();

    Connection& connection() { return *connection_; }
    // The connection saw a fault: closes it instead of giving it back.
    void Discard();

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // UNAVAILABLE when all are lent out for `wait`, or none can be opened.
  absl::StatusOr<Lease> Acquire(absl::Duration wait);

  Outcome Attempt(Mode mode, absl::FunctionRef<absl::Status(Tx&)> work,
                  absl::Duration time_max) override;

 private:
  friend class Lease;
  // Closes what is not lent out, so that the next leases are fresh connections.
  void CloseIdle();
  void GiveBack(std::unique_ptr<Connection> connection);
  // Logs when it changes, not for each try.
  void ReportReachable();
  void ReportUnreachable(const char* error);

  const PoolOptions options_;
  std::mutex mutex_;
  std::condition_variable came_free_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t open_ = 0;
  bool unreachable_ = false;  // as last logged
  Watchdog watchdog_;
};

}  // namespace pg

#endif  // PLATFORM_PG_POOL_H_
