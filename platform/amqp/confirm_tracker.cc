#include "platform/amqp/confirm_tracker.h"

namespace amqp {

void ConfirmTracker::Sent(std::uint64_t tag, std::string_view message_id) {
  outstanding_.emplace_hint(outstanding_.end(), tag, message_id);
}

void ConfirmTracker::On(const Confirm& confirm) {
  const auto last = outstanding_.upper_bound(confirm.tag);
  auto first = confirm.multiple ? outstanding_.begin() : outstanding_.find(confirm.tag);
  if (first == outstanding_.end()) return;
  for (auto it = first; it != last; ++it) Resolve(it->first, it->second, confirm);
  outstanding_.erase(first, last);
}

void ConfirmTracker::On(const Return& returned) { returned_.insert(returned.message_id); }

void ConfirmTracker::Resolve(std::uint64_t tag, const std::string& message_id,
                             const Confirm& confirm) {
  const bool safe = confirm.accepted && !returned_.contains(message_id);
  (safe ? confirmed_ : refused_).push_back(tag);
}

}  // namespace amqp
