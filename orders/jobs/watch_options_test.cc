#include "orders/jobs/watch_options.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orders {
namespace {

using ::testing::HasSubstr;

TEST(WatchOptionsTest, HaveADefaultEach) {
  config::Environment environment(std::map<std::string, std::string>{});
  const WatchOptions options = ReadWatchOptions(environment);
  EXPECT_EQ(options.watchers_max, 1000U);
  EXPECT_EQ(options.time_max, absl::Minutes(5));
  EXPECT_EQ(options.poll_interval, absl::Milliseconds(100));
  EXPECT_TRUE(environment.Finish().ok());
}

TEST(WatchOptionsTest, OutOfRangeAreNamed) {
  for (const char* const name : {"WATCHERS_MAX", "WATCH_TIMEOUT_MS", "WATCH_POLL_MS"}) {
    config::Environment environment(std::map<std::string, std::string>{{name, "0"}});
    ReadWatchOptions(environment);
    EXPECT_THAT(std::string(environment.Finish().message()), HasSubstr(name));
  }
}

}  // namespace
}  // namespace orders
