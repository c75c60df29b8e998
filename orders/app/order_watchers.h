#ifndef ORDERS_APP_ORDER_WATCHERS_H_
#define ORDERS_APP_ORDER_WATCHERS_H_

#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "orders/domain/order.h"

namespace orders {

// Who, in this process, waits for which order to settle. Whoever watches adds itself, then
// reads the order, then waits. A commit of this process that settles the order tells it; what
// settled otherwise is found by the watch poll (orders/jobs).
//
// Threads: safe from any. What is given to run is run without a lock held.
// Limits:  none of its own; the streams that watch are limited (rpc::Streams).
class OrderWatchers {
 public:
  using OnSettled = std::function<void(const Order&)>;
  using Ticket = std::uint64_t;

  // `wake` must not block; it is run when the first watcher comes, and when there is
  // something in TakeHints(). Call it before all else.
  void WakeWith(std::function<void()> wake) { wake_ = std::move(wake); }

  // `on_settled` runs at most once, with the order as it has settled, and only if it is
  // this user's: a watcher comes before anyone knows whose the order is.
  Ticket Add(const UserId& user_id, const OrderId& id, OnSettled on_settled);
  // Does nothing if it is gone already. on_settled may still be about to run.
  void Remove(const OrderId& id, Ticket ticket);

  // Whether anybody watches one of these.
  bool WatchAny(std::span<const OrderId> ids) const;

  // After a commit that settled these orders, or some of them. Costs nothing to speak of
  // while nobody watches.
  void MayHaveSettled(std::span<const OrderId> ids);

  bool empty() const;
  std::vector<OrderId> Watched() const;
  // The watched ones that may have settled since they were last taken.
  std::vector<OrderId> TakeHints();

  // Tells the order's watchers, and forgets them: a settled order never changes again.
  void Tell(const Order& settled);

 private:
  struct Watcher {
    Ticket ticket;
    UserId user_id;
    OnSettled on_settled;
  };

  std::function<void()> wake_ = [] {};
  mutable std::mutex mutex_;
  Ticket last_ticket_ = 0;
  absl::flat_hash_map<OrderId, std::vector<Watcher>> watchers_;
  absl::flat_hash_set<OrderId> hints_;
};

}  // namespace orders

#endif  // ORDERS_APP_ORDER_WATCHERS_H_
