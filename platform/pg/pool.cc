#include "platform/pg/pool.h"

#include <chrono>
#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "platform/check/check.h"
#include "platform/observability/log.h"
#include "platform/pg/connection.h"

namespace pg {

Pool::Lease::Lease(Pool& pool, std::unique_ptr<Connection> connection)
    : pool_(&pool), connection_(std::move(connection)) {}

Pool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}

Pool::Lease::~Lease() {
  if (pool_ != nullptr) pool_->GiveBack(std::move(connection_));
}

void Pool::Lease::Discard() { connection_.reset(); }

Pool::Pool(PoolOptions options) : options_(std::move(options)) {
  CHECK(options_.connections_max > 0);
}

Pool::~Pool() = default;

absl::StatusOr<Pool::Lease> Pool::Acquire(absl::Duration wait) {
  {
    std::unique_lock lock(mutex_);
    const bool free = came_free_.wait_for(lock, absl::ToChronoMicroseconds(wait), [this] {
      return !idle_.empty() || open_ < options_.connections_max;
    });
    if (!free) return absl::UnavailableError("all database connections are in use");
    if (!idle_.empty()) {
      Lease lease(*this, std::move(idle_.back()));
      idle_.pop_back();
      return lease;
    }
    ++open_;  // Reserved while the lock is released: opening may take seconds.
  }
  try {
    Lease lease(*this,
                std::make_unique<Connection>(options_.conninfo, options_.statements, watchdog_));
    ReportReachable();
    return lease;
  } catch (const std::exception& failure) {
    ReportUnreachable(failure.what());
    GiveBack(nullptr);
    return absl::UnavailableError("the database cannot be reached");
  }
}

void Pool::ReportReachable() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(unreachable_, false)) return;
  observability::Log(observability::Level::kInfo, "the database can be reached again");
}

void Pool::ReportUnreachable(const char* error) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(unreachable_, true)) return;
  observability::Log(observability::Level::kWarning, "the database cannot be reached",
                     {{"error", error}});
}

void Pool::CloseIdle() {
  std::vector<std::unique_ptr<Connection>> closing;
  {
    const std::lock_guard lock(mutex_);
    closing.swap(idle_);
    open_ -= closing.size();
  }
  came_free_.notify_all();
}

void Pool::GiveBack(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    if (connection) {
      idle_.push_back(std::move(connection));
    } else {
      --open_;
    }
  }
  came_free_.notify_one();
}

}  // namespace pg
