#include "platform/messaging/link_loop.h"

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "platform/check/check.h"
#include "platform/host/deadline.h"
#include "platform/observability/log.h"

namespace messaging {

LinkLoop::LinkLoop(LinkLoopOptions options, Session session)
    : options_(std::move(options)),
      session_(std::move(session)),
      backoff_(options_.backoff_min, options_.backoff_max) {}

LinkLoop::~LinkLoop() { Stop(); }

void LinkLoop::Start() {
  CHECK(thread_ == nullptr);
  thread_ = host::StartThread([this] { Run(); });
}

void LinkLoop::Stop() {
  stopping_.store(true, std::memory_order_release);
  wakeup_->Notify();
  thread_.reset();
}

void LinkLoop::Run() {
  while (!stopping()) {
    const host::Deadline short_lived = host::Deadline::After(options_.backoff_max);
    absl::StatusOr<std::unique_ptr<amqp::Link>> link = options_.open(options_.link);
    const absl::Status ended = link.ok() ? session_(**link) : link.status();
    connected_.store(false, std::memory_order_relaxed);
    if (stopping()) return;
    ReportDown(ended);
    if (link.ok() && short_lived.Passed()) backoff_.Reset();
    link = absl::UnavailableError("closed");
    const host::Deadline retry = host::Deadline::After(backoff_.Next());
    while (!stopping() && !retry.Passed()) {
      wakeup_->Take();
      if (!stopping()) wakeup_->Wait(retry);
    }
  }
}

void LinkLoop::ReportUp() {
  if (connected_.exchange(true, std::memory_order_relaxed)) return;
  reported_.clear();
  observability::Log(observability::Level::kInfo, "broker link up", {{"link", options_.link.name}});
}

void LinkLoop::ReportDown(const absl::Status& status) {
  std::string error = status.ToString();
  if (error == reported_) return;
  observability::Log(observability::Level::kWarning, "broker link down, trying again",
                     {{"link", options_.link.name}, {"error", error}});
  reported_ = std::move(error);
}

}  // namespace messaging
