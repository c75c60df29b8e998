// Settings: lines NAME=value. Whatever they say, the start goes on with values in their
// ranges or stops with a message, which repeats no value: it may be a password.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "orders/jobs/sweeper_options.h"
#include "payments/jobs/inbox_cleaner_options.h"
#include "platform/check/check.h"
#include "platform/config/environment.h"
#include "platform/process/config.h"

namespace {

// A shorter value is in some message by chance.
constexpr std::size_t kSecretBytesMin = 24;

absl::StatusOr<process::Config> Read(std::map<std::string, std::string> settings) {
  return process::ReadConfig(config::Environment(std::move(settings)),
                             {.grpc_listen = "127.0.0.1:9080",
                              .metrics_listen = "127.0.0.1:9180",
                              .database_url = "host=127.0.0.1 dbname=orders",
                              .amqp_url = "amqp://orders:orders@127.0.0.1:5672/"});
}

// Whether the message repeats the value of this setting. A value made of the message's own
// words is in the message about its mirror image too.
bool Repeats(const absl::Status& refusal, std::map<std::string, std::string> settings,
             const std::string& name) {
  const std::string value = settings[name];
  if (!absl::StrContains(refusal.message(), value)) return false;
  settings[name] = std::string(value.rbegin(), value.rend());
  return !absl::StrContains(Read(std::move(settings)).status().message(), value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> settings;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(line, absl::MaxSplits('=', 1));
    // An environment holds no zero bytes.
    settings.insert_or_assign(parts.first, parts.second.substr(0, parts.second.find('\0')));
  }
  config::Environment environment(settings);
  const orders::SweeperOptions sweeper = orders::ReadSweeperOptions(environment);
  const payments::InboxCleanerOptions cleaner = payments::ReadInboxCleanerOptions(environment);
  const absl::StatusOr<process::Config> config = Read(settings);
  if (config.ok()) {
    CHECK(config->api || config->relay || config->consumer);
    CHECK(config->call_deadline > absl::ZeroDuration());
    CHECK(config->commit_batch_rows_max >= 1 && config->commit_batch_rows_max <= 1'000);
    CHECK(config->confirm_timeout <= absl::Seconds(9));
    CHECK(sweeper.pass.rows_max >= 1 && cleaner.transaction.rows_max >= 1);
    return 0;
  }
  CHECK(absl::IsInvalidArgument(config.status()));
  for (const char* secret : {"DATABASE_URL", "AMQP_URL"}) {
    if (settings[secret].size() < kSecretBytesMin) continue;
    CHECK(!Repeats(config.status(), settings, secret));
  }
  return 0;
}
