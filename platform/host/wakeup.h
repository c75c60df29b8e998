#ifndef PLATFORM_HOST_WAKEUP_H_
#define PLATFORM_HOST_WAKEUP_H_

#include <memory>

#include "platform/host/deadline.h"

namespace host {

// Wakes the one thread that waits for a socket or for this.
//
// Notify() may be called from any thread and is cheap but for the first of several
// that nobody has taken yet. No Notify() is lost: each is followed by a Take()
// that returns true.
class Wakeup {
 public:
  virtual ~Wakeup() = default;

  virtual void Notify() = 0;

  // For the waiting thread alone.
  virtual bool pending() const = 0;
  // True if notified since the last Take().
  virtual bool Take() = 0;
  // Returns when notified, when the deadline has passed, or when `socket` (-1:
  // none) is readable or broken; may return early.
  virtual void Wait(Deadline deadline, int socket) = 0;
  void Wait(Deadline deadline) { Wait(deadline, -1); }
};

std::unique_ptr<Wakeup> NewWakeup();

}  // namespace host

#endif  // PLATFORM_HOST_WAKEUP_H_
