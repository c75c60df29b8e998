#include "platform/observability/metrics.h"

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace observability {

void Counter::Increment(double by) const { counter_->Increment(by); }
double Counter::Value() const { return counter_->Value(); }

void Gauge::Set(double value) const { gauge_->Set(value); }
void Gauge::Add(double by) const { gauge_->Increment(by); }
double Gauge::Value() const { return gauge_->Value(); }

void Histogram::Observe(double value) const { histogram_->Observe(value); }
void Histogram::Observe(absl::Duration duration) const {
  histogram_->Observe(absl::ToDoubleSeconds(duration));
}

Counter NewCounter(const std::string& name, const std::string& help, const Labels& labels) {
  return Counter(
      prometheus::BuildCounter().Name(name).Help(help).Register(*ProcessMetrics()).Add(labels));
}

Gauge NewGauge(const std::string& name, const std::string& help, const Labels& labels) {
  return Gauge(
      prometheus::BuildGauge().Name(name).Help(help).Register(*ProcessMetrics()).Add(labels));
}

Buckets LatencyBuckets() {
  return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
}

Buckets SizeBuckets() { return {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}; }

Histogram NewHistogram(const std::string& name, const std::string& help, const Buckets& buckets,
                       const Labels& labels) {
  return Histogram(prometheus::BuildHistogram()
                       .Name(name)
                       .Help(help)
                       .Register(*ProcessMetrics())
                       .Add(labels, buckets));
}

// Never destroyed: threads may count until the process is gone.
const std::shared_ptr<prometheus::Registry>& ProcessMetrics() {
  static const auto* const registry =
      new std::shared_ptr<prometheus::Registry>(std::make_shared<prometheus::Registry>());
  return *registry;
}

}  // namespace observability
