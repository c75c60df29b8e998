#include "platform/observability/metrics.h"

#include "gtest/gtest.h"

namespace observability {
namespace {

TEST(MetricsTest, TheSameNameAndLabelsAreOneTimeSeries) {
  NewCounter("test_calls_total", "Calls.", {{"code", "OK"}}).Increment();
  NewCounter("test_calls_total", "Calls.", {{"code", "OK"}}).Increment(2);
  NewCounter("test_calls_total", "Calls.", {{"code", "NOT_FOUND"}}).Increment();
  EXPECT_EQ(NewCounter("test_calls_total", "Calls.", {{"code", "OK"}}).Value(), 3);
  EXPECT_EQ(NewCounter("test_calls_total", "Calls.", {{"code", "NOT_FOUND"}}).Value(), 1);
}

TEST(MetricsTest, AGaugeGoesUpAndDown) {
  const Gauge gauge = NewGauge("test_queue_calls", "Calls that wait.");
  gauge.Set(5);
  gauge.Add(-2);
  EXPECT_EQ(gauge.Value(), 3);
}

}  // namespace
}  // namespace observability
