#ifndef PLATFORM_RPC_WORKER_POOL_H_
#define PLATFORM_RPC_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "platform/lifecycle/service.h"

namespace rpc {

// Runs tasks that may block, such as reads, off gRPC's own threads.
//
// Order:  first come, first taken; tasks run side by side.
// Limits: `threads` tasks run and `queue_tasks_max` wait at most.
class WorkerPool final : public lifecycle::Service {
 public:
  struct Options {
    std::size_t threads = 4;
    // Too few: OVERLOADED in bursts. Too many: callers wait past their deadline.
    std::size_t queue_tasks_max = 1000;
  };

  explicit WorkerPool(const Options& options);
  ~WorkerPool() override;

  void Start() override;
  // Runs what was submitted to its end: a call that waits gets its answer.
  void Stop() override;

  // Never blocks. False, and the task is not taken, if the queue is full or the
  // pool is stopped. Safe from any thread.
  bool Submit(std::function<void()> task);

 private:
  void Work();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rpc

#endif  // PLATFORM_RPC_WORKER_POOL_H_
