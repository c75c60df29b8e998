#ifndef PLATFORM_PG_BATCH_QUEUE_H_
#define PLATFORM_PG_BATCH_QUEUE_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"

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
        spacing_(absl::ToChronoMicroseconds(spacing)),
        serve_(std::move(serve)) {}

  ~BatchQueue() { Stop(); }

  void Start() {
    thread_ = std::thread([this] { ServeUntilStopped(); });
  }

  // Serves what was pushed before, then ends the thread.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  // Takes `item` only when it returns kQueued. Never blocks. What is pushed
  // before Start waits for it.
  Pushed Push(Item& item) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return Pushed::kStopped;
    if (items_.size() >= queue_rows_max_) return Pushed::kFull;
    items_.push_back(std::move(item));
    // A thread that waits for `spacing` to pass need not hear of the second.
    if (items_.size() == 1) changed_.notify_one();
    return Pushed::kQueued;
  }

  // Takes away all that waits now.
  std::vector<Item> TakeAll() { return Take(queue_rows_max_); }

 private:
  void ServeUntilStopped() {
    auto started = std::chrono::steady_clock::now() - spacing_;
    while (true) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || !items_.empty(); });
        if (items_.empty()) return;  // stopped
        changed_.wait_until(lock, started + spacing_, [this] { return stopped_; });
      }
      started = std::chrono::steady_clock::now();
      serve_(Take(batch_rows_max_));
    }
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
  const std::chrono::microseconds spacing_;
  const std::function<void(std::vector<Item>)> serve_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace pg

#endif  // PLATFORM_PG_BATCH_QUEUE_H_
