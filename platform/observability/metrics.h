#ifndef PLATFORM_OBSERVABILITY_METRICS_H_
#define PLATFORM_OBSERVABILITY_METRICS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace observability {

// Label names and values of one time series. Few values per label: never an id.
using Labels = std::map<std::string, std::string>;

// Handles of time series of this process: cheap to copy, valid for ever, safe
// from any thread. Names follow Prometheus: `<thing>_total` for counters, the
// base unit last (`_seconds`, `_bytes`).

class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  // Requires: by >= 0.
  void Increment(double by = 1) const;
  double Value() const;

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void Set(double value) const;
  void Add(double by) const;
  double Value() const;

 private:
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void Observe(double value) const;
  // In seconds.
  void Observe(absl::Duration duration) const;

 private:
  prometheus::Histogram* histogram_;
};

// The same name and labels give the same time series, however often asked.
// Requires: a name has one kind and one help.
Counter NewCounter(const std::string& name, const std::string& help, const Labels& labels = {});
Gauge NewGauge(const std::string& name, const std::string& help, const Labels& labels = {});

// Upper bounds of buckets, ascending.
using Buckets = std::vector<double>;
// 0.5 ms to 10 s, for `_seconds`.
Buckets LatencyBuckets();
// 1 to 1024 by powers of two, for batch sizes.
Buckets SizeBuckets();

Histogram NewHistogram(const std::string& name, const std::string& help, const Buckets& buckets,
                       const Labels& labels = {});

// Where all of the above are kept, for the server that exposes them.
const std::shared_ptr<prometheus::Registry>& ProcessMetrics();

}  // namespace observability

#endif  // PLATFORM_OBSERVABILITY_METRICS_H_
