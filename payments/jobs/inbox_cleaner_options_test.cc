#include "payments/jobs/inbox_cleaner_options.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace payments {
namespace {

using ::testing::HasSubstr;

TEST(InboxCleanerOptionsTest, HaveADefaultEach) {
  config::Environment environment(std::map<std::string, std::string>{});
  const InboxCleanerOptions options = ReadInboxCleanerOptions(environment);
  EXPECT_EQ(options.interval, absl::Minutes(1));
  EXPECT_EQ(options.pause, absl::Milliseconds(50));
  EXPECT_EQ(options.transaction.keep, absl::Hours(24));
  EXPECT_EQ(options.transaction.rows_max, 1'000U);
  EXPECT_TRUE(environment.Finish().ok());
}

TEST(InboxCleanerOptionsTest, OutOfRangeAreNamed) {
  for (const char* const name : {"INBOX_CLEAN_INTERVAL_MS", "INBOX_CLEAN_PAUSE_MS", "INBOX_KEEP_MS",
                                 "INBOX_CLEAN_ROWS_MAX"}) {
    config::Environment environment(std::map<std::string, std::string>{{name, "0"}});
    ReadInboxCleanerOptions(environment);
    EXPECT_THAT(std::string(environment.Finish().message()), HasSubstr(name));
  }
}

}  // namespace
}  // namespace payments
