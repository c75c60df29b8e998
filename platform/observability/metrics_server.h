#ifndef PLATFORM_OBSERVABILITY_METRICS_SERVER_H_
#define PLATFORM_OBSERVABILITY_METRICS_SERVER_H_

#include <memory>
#include <string>

#include "platform/lifecycle/service.h"

namespace prometheus {
class Exposer;
}  // namespace prometheus

namespace observability {

// Serves GET /metrics (Prometheus text format) of this process over HTTP.
//
// Threads: one of its own; scrapes never touch the threads that serve calls.
// Errors:  an address that cannot be bound ends the process at Start.
class MetricsServer final : public lifecycle::Service {
 public:
  // host:port; port 0 takes a free one.
  explicit MetricsServer(std::string listen);
  ~MetricsServer() override;

  void Start() override;
  void Stop() override;

  // Requires: started.
  int port() const;

 private:
  const std::string listen_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace observability

#endif  // PLATFORM_OBSERVABILITY_METRICS_SERVER_H_
