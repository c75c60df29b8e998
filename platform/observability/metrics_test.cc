#include "platform/observability/metrics.h"

#include "gtest/gtest.h"

namespace observability {
namespace {

TEST(MetricsTest, TheSameNameAndLabelsAreOneTimeSeries) {
  const Counter first = NewCounter("test_calls_total", "Calls.", {{"code", "OK"}});
  const Counter same = NewCounter("test_calls_total", "Calls.", {{"code", "OK"}});
  const Counter other = NewCounter("test_calls_total", "Calls.", {{"code", "NOT_FOUND"}});
  const double first_before = first.Value();
  const double other_before = other.Value();
  first.Increment();
  same.Increment(2);
  EXPECT_EQ(first.Value(), first_before + 3);
  EXPECT_EQ(other.Value(), other_before);
}

TEST(MetricsTest, AGaugeGoesUpAndDown) {
  const Gauge gauge = NewGauge("test_queue_calls", "Calls that wait.");
  gauge.Set(5);
  gauge.Add(-2);
  EXPECT_EQ(gauge.Value(), 3);
}

}  // namespace
}  // namespace observability
