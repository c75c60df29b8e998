#ifndef PLATFORM_MESSAGING_LINK_LOOP_H_
#define PLATFORM_MESSAGING_LINK_LOOP_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "platform/amqp/link.h"
#include "platform/host/host.h"
#include "platform/host/wakeup.h"
#include "platform/lifecycle/service.h"
#include "platform/messaging/backoff.h"

namespace messaging {

struct LinkLoopOptions {
  amqp::LinkOptions link;
  // To RabbitMQ, unless a simulation has another broker.
  amqp::Opener open = amqp::Link::Open;
  absl::Duration backoff_min = absl::Milliseconds(100);
  // Short: orders wait for it once a broker is back, and a try costs little.
  absl::Duration backoff_max = absl::Seconds(1);
};

// Runs `session` on one thread, on one link after another, until Stop().
//
// Errors: a session ends with a non-OK Status when its link is of no more use; the
//         next link follows after a backoff, which starts small again after a
//         session longer than backoff_max. Logged when the state changes, not for
//         each try.
// Stop:   wakes the session, which is to look at stopping() and return soon.
class LinkLoop final : public lifecycle::Service {
 public:
  using Session = std::function<absl::Status(amqp::Link&)>;

  LinkLoop(LinkLoopOptions options, Session session);
  ~LinkLoop() override;

  void Start() override;
  void Stop() override;

  // From any thread.
  void Wake() { wakeup_->Notify(); }
  // The session is at work on a link. From any thread.
  bool connected() const { return connected_.load(std::memory_order_relaxed); }

  // For the session.
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }
  host::Wakeup& wakeup() { return *wakeup_; }
  // The session is ready to work: says so in the log and to connected().
  void ReportUp();

 private:
  void Run();
  void ReportDown(const absl::Status& status);

  const LinkLoopOptions options_;
  const Session session_;
  const std::unique_ptr<host::Wakeup> wakeup_ = host::NewWakeup();
  Backoff backoff_;
  std::string reported_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> connected_{false};
  std::unique_ptr<host::Thread> thread_;
};

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_LINK_LOOP_H_
