#include "platform/rpc/health_monitor.h"

#include <utility>

#include "platform/observability/log.h"
#include "platform/observability/metrics.h"

namespace rpc {

HealthMonitor::HealthMonitor(std::vector<Probe> probes, absl::Duration interval, Report report)
    : probes_(std::move(probes)), interval_(interval), report_(std::move(report)) {}

HealthMonitor::~HealthMonitor() { Stop(); }

void HealthMonitor::Start() {
  thread_ = std::thread([this] { Run(); });
}

void HealthMonitor::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stop_asked_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void HealthMonitor::Run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    lock.unlock();
    AskAll();
    lock.lock();
    stop_asked_.wait_for(lock, absl::ToChronoMilliseconds(interval_), [this] { return stopped_; });
  }
}

void HealthMonitor::AskAll() {
  bool can_serve = true;
  for (const Probe& probe : probes_) {
    const bool is_well = probe.is_well();
    if (probe.need == Need::kRequired && !is_well) can_serve = false;
    Tell(probe.name, is_well);
  }
  Tell("", can_serve);
}

void HealthMonitor::Tell(const std::string& name, bool serving) {
  report_(name, serving);
  const auto [last, first_time] = last_.try_emplace(name, serving);
  if (!first_time && last->second == serving) return;
  last->second = serving;
  const std::string subject = name.empty() ? "service" : name;
  observability::NewGauge("health_serving", "1 while it is well, else 0.", {{"name", subject}})
      .Set(serving ? 1 : 0);
  observability::Log(serving ? observability::Level::kInfo : observability::Level::kWarning,
                     serving ? "serving" : "not serving", {{"name", subject}});
}

}  // namespace rpc
