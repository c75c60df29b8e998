#ifndef PLATFORM_PG_BATCH_QUEUE_H_
#define PLATFORM_PG_BATCH_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "platform/host/deadline.h"
#include "platform/host/host.h"
#include "platform/host/wakeup.h"

namespace pg {

enum class Pushed { kQueued, kFull, kStopped };

// A bounded queue served in batches by one thread of its own: each batch is what
// queued up while the last one was served, at most batch_rows_max, and starts
// at least `spacing` after the last one did. The queueing half of GroupCommit.
template <typename Item>
class BatchQueue {
 public:
  BatchQueue(std::size_t batch_rows_max, std::size_t queue_rows_max, absl::Duration spacing,
             std::function<void(std::vector<Item>)> serve)
      : batch_rows_max_(batch_rows_max),
        queue_rows_max_(queue_rows_max),
        spacing_(spacing),
        serve_(std::move(serve)) {}

  ~BatchQueue() { Stop(); }

  void Start() {
    thread_ = host::StartThread([this] { ServeUntilStopped(); });
  }

  // Serves what was pushed before, then ends the thread.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wakeup_->Notify();
    thread_.reset();
  }

  // Takes `item` only when it returns kQueued. Never blocks. What is pushed
  // before Start waits for it.
  Pushed Push(Item& item) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return Pushed::kStopped;
    if (items_.size() >= queue_rows_max_) return Pushed::kFull;
    items_.push_back(std::move(item));
    // A thread that waits for `spacing` to pass need not hear of the second.
    if (items_.size() == 1) wakeup_->Notify();
    return Pushed::kQueued;
  }

  // Takes away all that waits now.
  std::vector<Item> TakeAll() { return Take(queue_rows_max_); }

 private:
  void ServeUntilStopped() {
    host::Deadline next = host::Deadline::After(absl::ZeroDuration());
    while (WaitForItems(next)) {
      next = host::Deadline::After(spacing_);
      serve_(Take(batch_rows_max_));
    }
  }

  // Returns once there are items and `start` has passed, which nothing waits for
  // when stopped. False: stopped, and all is served.
  bool WaitForItems(const host::Deadline& start) {
    while (true) {
      wakeup_->Take();
      const auto [empty, stopped] = State();
      if (empty && stopped) return false;
      if (!empty && (stopped || start.Passed())) return true;
      wakeup_->Wait(empty ? host::Deadline::Never() : start);
    }
  }

  std::pair<bool, bool> State() {
    const std::lock_guard lock(mutex_);
    return {items_.empty(), stopped_};
  }

  std::vector<Item> Take(std::size_t rows_max) {
    const std::lock_guard lock(mutex_);
    const auto rows = static_cast<std::ptrdiff_t>(std::min(rows_max, items_.size()));
    std::vector<Item> taken(std::make_move_iterator(items_.begin()),
                            std::make_move_iterator(items_.begin() + rows));
    items_.erase(items_.begin(), items_.begin() + rows);
    return taken;
  }

  const std::size_t batch_rows_max_;
  const std::size_t queue_rows_max_;
  const absl::Duration spacing_;
  const std::function<void(std::vector<Item>)> serve_;
  const std::unique_ptr<host::Wakeup> wakeup_ = host::NewWakeup();
  std::mutex mutex_;
  std::deque<Item> items_;
  bool stopped_ = false;
  std::unique_ptr<host::Thread> thread_;
};

}  // namespace pg

#endif  // PLATFORM_PG_BATCH_QUEUE_H_
