#include "platform/observability/metrics_server.h"

#include <exception>
#include <utility>

#include "platform/lifecycle/run.h"
#include "platform/observability/metrics.h"
#include "prometheus/exposer.h"
#include "prometheus/registry.h"

namespace observability {
namespace {

constexpr int kThreads = 1;

}  // namespace

MetricsServer::MetricsServer(std::string listen) : listen_(std::move(listen)) {}

MetricsServer::~MetricsServer() { Stop(); }

void MetricsServer::Start() {
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(listen_, kThreads);
  } catch (const std::exception&) {
    lifecycle::ExitNow("cannot listen for metrics", {{"address", listen_}});
  }
  exposer_->RegisterCollectable(ProcessMetrics());
}

void MetricsServer::Stop() { exposer_.reset(); }

int MetricsServer::port() const { return exposer_->GetListeningPorts().front(); }

}  // namespace observability
