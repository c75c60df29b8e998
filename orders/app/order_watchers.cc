#include "orders/app/order_watchers.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace orders {

OrderWatchers::Ticket OrderWatchers::Add(const UserId& user_id, const OrderId& id,
                                         OnSettled on_settled) {
  Ticket ticket = 0;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = watchers_.empty();
    ticket = ++last_ticket_;
    watchers_[id].push_back({ticket, user_id, std::move(on_settled)});
  }
  if (is_first) wake_();
  return ticket;
}

void OrderWatchers::Remove(const OrderId& id, Ticket ticket) {
  // Declared first: what it held is let go after the lock.
  std::optional<Watcher> removed;
  const std::lock_guard lock(mutex_);
  const auto found = watchers_.find(id);
  if (found == watchers_.end()) return;
  std::vector<Watcher>& all = found->second;
  const auto watcher =
      std::ranges::find_if(all, [&](const Watcher& each) { return each.ticket == ticket; });
  if (watcher == all.end()) return;
  removed = std::move(*watcher);
  all.erase(watcher);
  if (all.empty()) {
    watchers_.erase(found);
    hints_.erase(id);
  }
}

bool OrderWatchers::WatchAny(std::span<const OrderId> ids) const {
  const std::lock_guard lock(mutex_);
  return !watchers_.empty() &&
         std::ranges::any_of(ids, [&](const OrderId& id) { return watchers_.contains(id); });
}

void OrderWatchers::MayHaveSettled(std::span<const OrderId> ids) {
  bool watched = false;
  {
    const std::lock_guard lock(mutex_);
    if (watchers_.empty()) return;
    for (const OrderId& id : ids) {
      if (!watchers_.contains(id)) continue;
      hints_.insert(id);
      watched = true;
    }
  }
  if (watched) wake_();
}

bool OrderWatchers::empty() const {
  const std::lock_guard lock(mutex_);
  return watchers_.empty();
}

std::vector<OrderId> OrderWatchers::Watched() const {
  const std::lock_guard lock(mutex_);
  std::vector<OrderId> ids;
  ids.reserve(watchers_.size());
  for (const auto& [id, watchers] : watchers_) ids.push_back(id);
  return ids;
}

std::vector<OrderId> OrderWatchers::TakeHints() {
  const std::lock_guard lock(mutex_);
  std::vector<OrderId> ids(hints_.begin(), hints_.end());
  hints_.clear();
  return ids;
}

void OrderWatchers::Tell(const Order& settled) {
  std::vector<Watcher> told;
  {
    const std::lock_guard lock(mutex_);
    const auto found = watchers_.find(settled.id);
    if (found == watchers_.end()) return;
    told = std::move(found->second);
    watchers_.erase(found);
    hints_.erase(settled.id);
  }
  for (const Watcher& watcher : told) {
    if (watcher.user_id == settled.user_id) watcher.on_settled(settled);
  }
}

}  // namespace orders
