#include "platform/pg/conninfo.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pg {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConninfoTest, AddsWhatIsLeftOutToKeywordsAndUris) {
  for (const char* given : {"host=127.0.0.1 dbname=orders", "postgresql://127.0.0.1/orders"}) {
    const absl::StatusOr<std::string> all = WithSessionSettings(given);
    ASSERT_TRUE(all.ok());
    EXPECT_THAT(*all, HasSubstr("dbname='orders'"));
    EXPECT_THAT(*all, HasSubstr("connect_timeout='3'"));
    EXPECT_THAT(*all, HasSubstr("statement_timeout=3000"));
    EXPECT_THAT(*all, HasSubstr("plan_cache_mode=force_generic_plan"));
    EXPECT_THAT(*all, HasSubstr("enable_seqscan=off"));
  }
}

TEST(ConninfoTest, KeepsWhatTheOperatorSet) {
  const absl::StatusOr<std::string> all = WithSessionSettings("host=a,b connect_timeout=9");
  ASSERT_TRUE(all.ok());
  EXPECT_THAT(*all, HasSubstr("connect_timeout='9'"));
  EXPECT_THAT(*all, Not(HasSubstr("connect_timeout='3'")));
  EXPECT_THAT(*all, HasSubstr("host='a,b'"));
}

TEST(ConninfoTest, KeepsTheTimeLimitsBesideOptionsOfTheOperator) {
  const absl::StatusOr<std::string> all = WithSessionSettings("options='-c lock_timeout=9'");
  ASSERT_TRUE(all.ok());
  // Of a setting that is given twice Postgres takes the last.
  EXPECT_THAT(*all, ContainsRegex("statement_timeout=3000.*lock_timeout=9'"));
}

TEST(ConninfoTest, EscapesQuotesInPasswords) {
  const absl::StatusOr<std::string> all = WithSessionSettings(R"(password='a\'b\\c')");
  ASSERT_TRUE(all.ok());
  EXPECT_THAT(*all, HasSubstr(R"(password='a\'b\\c')"));
}

TEST(ConninfoTest, RefusesWhatLibpqCannotReadWithoutRepeatingIt) {
  const absl::Status status = WithSessionSettings("pasword=secret").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace pg
