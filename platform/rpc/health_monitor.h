#ifndef PLATFORM_RPC_HEALTH_MONITOR_H_
#define PLATFORM_RPC_HEALTH_MONITOR_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "platform/lifecycle/service.h"

namespace rpc {

// Asks probes again and again and reports how each of them is, under its name,
// and under "" whether the service can serve: all required ones are well.
//
// Threads: one of its own runs the probes one after another, the first time at
//          Start; a probe that takes long delays the others' news.
class HealthMonitor final : public lifecycle::Service {
 public:
  enum class Need { kRequired, kOptional };

  struct Probe {
    std::string name;
    Need need;
    std::function<bool()> is_well;
  };

  // For example Server::SetServing. Told everything every time.
  using Report = std::function<void(const std::string& name, bool serving)>;

  HealthMonitor(std::vector<Probe> probes, absl::Duration interval, Report report);
  ~HealthMonitor() override;

  void Start() override;
  void Stop() override;

 private:
  void Run();
  void AskAll();
  void Tell(const std::string& name, bool serving);

  const std::vector<Probe> probes_;
  const absl::Duration interval_;
  const Report report_;
  std::map<std::string, bool> last_;  // by name; what was logged
  std::mutex mutex_;
  std::condition_variable stop_asked_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace rpc

#endif  // PLATFORM_RPC_HEALTH_MONITOR_H_
