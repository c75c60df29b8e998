#include "platform/process/config.h"

#include <map>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace process {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<Config> Read(std::map<std::string, std::string> settings) {
  return ReadConfig(config::Environment(std::move(settings)),
                    {.grpc_listen = "127.0.0.1:9080",
                     .metrics_listen = "127.0.0.1:9180",
                     .database_url = "host=127.0.0.1 dbname=orders",
                     .amqp_url = "amqp://orders:orders@127.0.0.1:5672/"});
}

TEST(ConfigTest, HasADefaultForEverySetting) {
  const absl::StatusOr<Config> config = Read({});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->grpc_listen, "127.0.0.1:9080");
  EXPECT_TRUE(config->api && config->relay && config->consumer);
}

TEST(ConfigTest, ReadsOneRole) {
  const absl::StatusOr<Config> config = Read({{"ROLES", "relay"}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->relay);
  EXPECT_FALSE(config->api || config->consumer);
}

TEST(ConfigTest, NamesEveryBadSettingAndNoValue) {
  const absl::Status status =
      Read({{"ROLES", "chef"}, {"READ_THREADS", "0"}, {"CONFIRM_TIMEOUT_MS", "secret"}}).status();
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("ROLES"));
  EXPECT_THAT(message, HasSubstr("READ_THREADS"));
  EXPECT_THAT(message, HasSubstr("CONFIRM_TIMEOUT_MS"));
  EXPECT_THAT(message, Not(HasSubstr("secret")));
}

TEST(ConfigTest, RefusesUrlsItCannotUseWithoutRepeatingThem) {
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"AMQP_URL", "http://user:secret@host/"}, {"DATABASE_URL", "pasword=secret"}}) {
    const std::string message(Read({{name, value}}).status().message());
    EXPECT_THAT(message, HasSubstr(name));
    EXPECT_THAT(message, Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace process
