#ifndef PLATFORM_MESSAGING_HANDED_OVER_H_
#define PLATFORM_MESSAGING_HANDED_OVER_H_

#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "platform/messaging/outbox.h"

namespace messaging {

// Committed events on their way from the transactions to the relay of the same process,
// which so need not read them from the outbox. Only a short cut: all of them are rows of
// the outbox as well, and what is dropped here is found there.
//
// Threads: safe from any.
class HandedOver {
 public:
  explicit HandedOver(std::size_t rows_max) : rows_max_(rows_max) {}

  // Takes the messages whole, or drops them: where they are more than there is room
  // for, or nobody takes them away. Whether it took them.
  bool Push(std::vector<OutboxMessage> messages);

  // Messages are taken from now on. Before, and after Close, all are dropped.
  void Open();
  // Drops those that wait.
  void Close();

  // The oldest ones, `rows_max` at most.
  std::vector<OutboxMessage> Take(std::size_t rows_max);
  // Leaves out those that the relay has found in the outbox itself.
  void Drop(std::span<const OutboxMessage> found);
  bool empty() const;

 private:
  const std::size_t rows_max_;
  mutable std::mutex mutex_;
  bool open_ = false;
  std::deque<OutboxMessage> messages_;
};

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_HANDED_OVER_H_
