#ifndef ORDERS_JOBS_WATCH_POLL_H_
#define ORDERS_JOBS_WATCH_POLL_H_

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "orders/app/order_watchers.h"
#include "platform/host/host.h"
#include "platform/host/wakeup.h"
#include "platform/lifecycle/service.h"

namespace orders {

// Tells those who watch orders that one has settled and that its commit did not tell: at once if
// this process settled it, within `interval` if another did.
//
// Idle:    sleeps while nobody watches; asks the database nothing then.
// Cost:    one statement each interval, whatever the number of watchers, and one more for
//          what this process has settled meanwhile.
// Errors:  what cannot be read is looked for again after the interval.
// Threads: one of its own, on which it tells.
// Stop:    ends a wait at once, and waits for a read under way.
class WatchPoll final : public lifecycle::Service {
 public:
  // The settled ones of these orders: GetSettledOrders on a database.
  using Read = std::function<absl::StatusOr<std::vector<Order>>(std::span<const OrderId>)>;

  // `watchers` outlive this, and are woken by it alone.
  WatchPoll(Read read, OrderWatchers& watchers, absl::Duration interval);
  ~WatchPoll() override;

  void Start() override;
  void Stop() override;

 private:
  void RunUntilStopped();
  void TellSettledOf(const std::vector<OrderId>& ids);
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }

  const Read read_;
  OrderWatchers& watchers_;
  const absl::Duration interval_;
  const std::unique_ptr<host::Wakeup> wakeup_ = host::NewWakeup();
  std::atomic<bool> stopping_{false};
  std::unique_ptr<host::Thread> thread_;
};

}  // namespace orders

#endif  // ORDERS_JOBS_WATCH_POLL_H_
