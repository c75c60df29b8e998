#include "platform/config/environment.h"

#include <cstdlib>
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Given = std::map<std::string, std::string>;

TEST(EnvironmentTest, AbsentAndEmptySettingsHaveTheirFallbacks) {
  Environment environment(Given{{"EMPTY", ""}});
  for (const char* name : {"ABSENT", "EMPTY"}) {
    EXPECT_EQ(environment.Text(name, "text"), "text");
    EXPECT_EQ(environment.Int(name, 7, 1, 9), 7);
    EXPECT_EQ(environment.Millis(name, 1500, 0, 9000), absl::Milliseconds(1500));
    EXPECT_EQ(environment.Choice(name, "a", {"a", "b"}), "a");
    EXPECT_THAT(environment.Choices(name, "b,a", {"a", "b"}), ElementsAre("b", "a"));
    EXPECT_EQ(environment.HostPort(name, "localhost:80"), "localhost:80");
  }
  EXPECT_TRUE(environment.Finish().ok());
}

TEST(EnvironmentTest, ReadsWhatIsSet) {
  Environment environment(Given{{"TEXT", " as is "},
                                {"INT", "-3"},
                                {"MILLIS", "20"},
                                {"CHOICE", "b"},
                                {"ROLES", "relay, api"},
                                {"LISTEN", "[::1]:9080"}});
  EXPECT_EQ(environment.Text("TEXT", ""), " as is ");
  EXPECT_EQ(environment.Int("INT", 0, -3, 3), -3);
  EXPECT_EQ(environment.Millis("MILLIS", 1, 1, 100), absl::Milliseconds(20));
  EXPECT_EQ(environment.Choice("CHOICE", "a", {"a", "b"}), "b");
  EXPECT_THAT(environment.Choices("ROLES", "api", {"api", "relay"}), ElementsAre("relay", "api"));
  EXPECT_EQ(environment.HostPort("LISTEN", ""), "[::1]:9080");
  EXPECT_TRUE(environment.Finish().ok());
}

TEST(EnvironmentTest, ReadsTheProcessUnlessToldOtherwise) {
  ASSERT_EQ(setenv("ENVIRONMENT_TEST_SETTING", "12", 1), 0);
  Environment environment;
  EXPECT_EQ(environment.Int("ENVIRONMENT_TEST_SETTING", 0, 0, 100), 12);
}

TEST(EnvironmentTest, RefusesWhatIsNotAnIntegerInRange) {
  for (const char* value :
       {"x", "1x", " 1", "+1", "1.5", "1e3", "0x1", "-", "0", "101", "99999999999999999999"}) {
    Environment environment(Given{{"LIMIT", value}});
    EXPECT_EQ(environment.Int("LIMIT", 5, 1, 100), 5);
    EXPECT_EQ(environment.Finish(),
              absl::InvalidArgumentError("LIMIT must be an integer from 1 to 100"))
        << value;
  }
}

TEST(EnvironmentTest, RefusesUnknownAndRepeatedChoices) {
  for (const char* value : {"api,", "api,api", "API", "api relay", "worker", ","}) {
    Environment environment(Given{{"ROLES", value}});
    EXPECT_THAT(environment.Choices("ROLES", "api", {"api", "relay"}), ElementsAre("api"));
    EXPECT_FALSE(environment.Finish().ok()) << value;
  }
}

TEST(EnvironmentTest, RefusesAddressesWithoutHostOrPort) {
  for (const char* value : {"9080", ":9080", "localhost", "localhost:", "localhost:0",
                            "localhost:65536", "localhost:http", "::1:80", "a b:80", "[]:80"}) {
    Environment environment(Given{{"LISTEN", value}});
    EXPECT_EQ(environment.HostPort("LISTEN", "localhost:80"), "localhost:80");
    EXPECT_FALSE(environment.Finish().ok()) << value;
  }
}

TEST(EnvironmentTest, NamesEveryBadSettingAtOnceAndRepeatsNoValue) {
  Environment environment(Given{{"ROLES", "secret1"}, {"LIMIT", "secret2"}, {"LEVEL", "secret3"}});
  environment.Choices("ROLES", "api", {"api", "relay"});
  environment.Int("LIMIT", 1, 1, 10);
  environment.Choice("LEVEL", "info", {"info", "debug"});
  EXPECT_THAT(std::string(environment.Finish().message()),
              AllOf(HasSubstr("ROLES must be a comma-separated list of api, relay"),
                    HasSubstr("LIMIT must be an integer from 1 to 10"),
                    HasSubstr("LEVEL must be one of info, debug"), Not(HasSubstr("secret"))));
}

}  // namespace
}  // namespace config
