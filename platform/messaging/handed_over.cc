#include "platform/messaging/handed_over.h"

#include <algorithm>
#include <iterator>

#include "absl/container/flat_hash_set.h"

namespace messaging {

bool HandedOver::Push(std::vector<OutboxMessage> messages) {
  const std::lock_guard lock(mutex_);
  if (!open_ || messages_.size() + messages.size() > rows_max_) return false;
  std::move(messages.begin(), messages.end(), std::back_inserter(messages_));
  return true;
}

void HandedOver::Open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
}

void HandedOver::Close() {
  const std::lock_guard lock(mutex_);
  open_ = false;
  messages_.clear();
}

std::vector<OutboxMessage> HandedOver::Take(std::size_t rows_max) {
  const std::lock_guard lock(mutex_);
  const auto end =
      messages_.begin() + static_cast<std::ptrdiff_t>(std::min(rows_max, messages_.size()));
  std::vector<OutboxMessage> taken(std::make_move_iterator(messages_.begin()),
                                   std::make_move_iterator(end));
  messages_.erase(messages_.begin(), end);
  return taken;
}

void HandedOver::Drop(std::span<const OutboxMessage> found) {
  absl::flat_hash_set<types::Uuid> ids;
  for (const OutboxMessage& message : found) ids.insert(message.event_id);
  const std::lock_guard lock(mutex_);
  std::erase_if(messages_,
                [&](const OutboxMessage& message) { return ids.contains(message.event_id); });
}

bool HandedOver::empty() const {
  const std::lock_guard lock(mutex_);
  return messages_.empty();
}

}  // namespace messaging
