#include "orders/jobs/watch_poll.h"

#include <utility>

#include "platform/host/deadline.h"

namespace orders {

WatchPoll::WatchPoll(Read read, OrderWatchers& watchers, absl::Duration interval)
    : read_(std::move(read)), watchers_(watchers), interval_(interval) {
  watchers_.WakeWith([this] { wakeup_->Notify(); });
}

WatchPoll::~WatchPoll() { Stop(); }

void WatchPoll::Start() {
  thread_ = host::StartThread([this] { RunUntilStopped(); });
}

void WatchPoll::Stop() {
  stopping_.store(true, std::memory_order_release);
  wakeup_->Notify();
  thread_.reset();
}

void WatchPoll::RunUntilStopped() {
  host::Deadline next_look = host::Deadline::Never();
  while (!stopping()) {
    if (wakeup_->Take()) TellSettledOf(watchers_.TakeHints());
    if (next_look.Passed()) {
      TellSettledOf(watchers_.Watched());
      next_look = host::Deadline::Never();
    }
    if (watchers_.empty()) {
      next_look = host::Deadline::Never();
    } else if (next_look == host::Deadline::Never()) {
      next_look = host::Deadline::After(interval_);
    }
    wakeup_->Wait(next_look);
  }
}

void WatchPoll::TellSettledOf(const std::vector<OrderId>& ids) {
  if (ids.empty()) return;
  const absl::StatusOr<std::vector<Order>> settled = read_(ids);
  if (!settled.ok()) return;  // logged where it was met
  for (const Order& order : *settled) watchers_.Tell(order);
}

}  // namespace orders
