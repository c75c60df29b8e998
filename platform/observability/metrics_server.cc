#include "platform/observability/metrics_server.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <future>
#include <utility>

#include "platform/lifecycle/run.h"
#include "platform/observability/metrics.h"
#include "prometheus/exposer.h"
#include "prometheus/registry.h"

namespace observability {
namespace {

constexpr int kThreads = 1;
constexpr std::chrono::milliseconds kKnockInterval{10};

// A connection that asks nothing.
void Knock(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> address(found, &freeaddrinfo);
  const int link = socket(found->ai_family, found->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (link < 0) return;
  connect(link, found->ai_addr, found->ai_addrlen);
  close(link);
}

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

// Its HTTP server looks for its end only when a connection comes, or after two seconds:
// as long as a restart would leave the service away.
void MetricsServer::Stop() {
  if (exposer_ == nullptr) return;
  const std::string host = listen_.substr(0, listen_.rfind(':'));
  const std::string bound_port = std::to_string(port());
  const std::future<void> stopped = std::async(std::launch::async, [this] { exposer_.reset(); });
  while (stopped.wait_for(kKnockInterval) != std::future_status::ready) Knock(host, bound_port);
}

int MetricsServer::port() const { return exposer_->GetListeningPorts().front(); }

}  // namespace observability
