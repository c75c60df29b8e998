#ifndef PLATFORM_AMQP_WAKEUP_H_
#define PLATFORM_AMQP_WAKEUP_H_

#include <atomic>

#include "platform/amqp/deadline.h"

namespace amqp {

// Wakes the one thread that waits for a socket or for this.
//
// Notify() may be called from any thread and costs a system call only for the
// first of several that nobody has taken yet. No Notify() is lost: each is
// followed by a Take() that returns true.
class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void Notify();

  // For the waiting thread alone.
  bool pending() const { return notified_.load(std::memory_order_acquire); }
  // True if notified since the last Take().
  bool Take();
  // Returns when notified, when the deadline has passed, or when `socket` (-1:
  // none) is readable or broken; may return early.
  void Wait(Deadline deadline, int socket = -1);

 private:
  const int fd_;
  std::atomic<bool> notified_{false};
};

}  // namespace amqp

#endif  // PLATFORM_AMQP_WAKEUP_H_
