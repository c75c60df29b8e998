#include "platform/observability/log.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace observability {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

TEST(LogTest, WritesALineOnStderrAndDropsWhatIsBelowTheLevel) {
  ASSERT_TRUE(StartLogging("orders", "warning"));
  CaptureStderr();
  Log(Level::kInfo, "dropped");
  Log(Level::kError, "kept {} %s", {{"broken", "line\nbreak"}});
  EXPECT_THAT(GetCapturedStderr(),
              AllOf(Not(HasSubstr("dropped")), HasSubstr(R"("service":"orders")"),
                    HasSubstr(R"("message":"kept {} %s","broken":"line\nbreak"})"
                              "\n")));
}

TEST(LogTest, KnowsNoOtherLevels) {
  for (const char* level : {"debug", "info", "warning", "error"}) {
    EXPECT_TRUE(StartLogging("orders", level)) << level;
  }
  for (const char* level : {"", "INFO", "warn", "trace"}) {
    EXPECT_FALSE(StartLogging("orders", level)) << level;
  }
}

}  // namespace
}  // namespace observability
