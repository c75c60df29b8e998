#include "orders/jobs/sweeper_options.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orders {
namespace {

using ::testing::HasSubstr;

TEST(SweeperOptionsTest, HaveADefaultEach) {
  config::Environment environment(std::map<std::string, std::string>{});
  const SweeperOptions options = ReadSweeperOptions(environment);
  EXPECT_EQ(options.interval, absl::Seconds(1));
  EXPECT_EQ(options.pass.rows_max, 500U);
  EXPECT_EQ(options.pass.rules.overtaken_after, absl::Seconds(60));
  EXPECT_EQ(options.pass.rules.waiting_after, absl::Minutes(10));
  EXPECT_EQ(options.pass.outbox_age_max, absl::Seconds(5));
  EXPECT_TRUE(environment.Finish().ok());
}

TEST(SweeperOptionsTest, OutOfRangeAreNamed) {
  for (const char* const name : {"SWEEP_INTERVAL_MS", "SWEEP_ROWS_MAX", "SWEEP_OVERTAKEN_AFTER_MS",
                                 "SWEEP_WAITING_AFTER_MS", "SWEEP_OUTBOX_AGE_MAX_MS"}) {
    config::Environment environment(std::map<std::string, std::string>{{name, "0"}});
    ReadSweeperOptions(environment);
    EXPECT_THAT(std::string(environment.Finish().message()), HasSubstr(name));
  }
}

}  // namespace
}  // namespace orders
