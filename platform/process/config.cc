#include "platform/process/config.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "platform/amqp/link.h"
#include "platform/messaging/envelope.h"
#include "platform/pg/conninfo.h"

namespace process {

absl::StatusOr<Config> ReadConfig(config::Environment environment, const Defaults& defaults) {
  const auto count = [&](const char* name, std::int64_t fallback, std::int64_t max) {
    return static_cast<std::size_t>(environment.Int(name, fallback, 1, max));
  };
  const std::vector<std::string> roles =
      environment.Choices("ROLES", "api,relay,consumer", {"api", "relay", "consumer"});
  const auto has_role = [&](const char* role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  Config config{
      .log_level = environment.Choice("LOG_LEVEL", "info", {"debug", "info", "warning", "error"}),
      .api = has_role("api"),
      .relay = has_role("relay"),
      .consumer = has_role("consumer"),
      .grpc_listen = environment.HostPort("GRPC_LISTEN", defaults.grpc_listen),
      .grpc_socket = environment.Text("GRPC_SOCKET", ""),
      .metrics_listen = environment.HostPort("METRICS_LISTEN", defaults.metrics_listen),
      .database_url = environment.Text("DATABASE_URL", defaults.database_url),
      .amqp_url = environment.Text("AMQP_URL", defaults.amqp_url),
      .call_deadline = environment.Millis("CALL_DEADLINE_MS", 10'000, 1, 600'000),
      .call_deadline_max = environment.Millis("CALL_DEADLINE_MAX_MS", 60'000, 1, 600'000),
      .read_threads = count("READ_THREADS", 2, 64),
      .read_queue_max = count("READ_QUEUE_MAX", 1'000, 1'000'000),
      .commit_batch_rows_max = count("COMMIT_BATCH_ROWS_MAX", 128, 1'000),
      .commit_queue_rows_max = count("COMMIT_QUEUE_ROWS_MAX", 8'192, 1'000'000),
      .commit_spacing = environment.Millis("COMMIT_SPACING_MS", 2, 0, 1'000),
      .relay_batch_rows_max = count("RELAY_BATCH_ROWS_MAX", 500, 10'000),
      .relay_message_events_max =
          count("RELAY_MESSAGE_EVENTS_MAX", 100, messaging::kEnvelopeEventsMax),
      .relay_spacing = environment.Millis("RELAY_SPACING_MS", 15, 0, 200),
      .relay_tick = environment.Millis("RELAY_TICK_MS", 1'000, 10, 60'000),
      .confirm_timeout = environment.Millis("CONFIRM_TIMEOUT_MS", 5'000, 100, 9'000),
      .consumer_prefetch = count("CONSUMER_PREFETCH", 200, 10'000),
      .consumer_batch_rows_max = count("CONSUMER_BATCH_ROWS_MAX", 100, 1'000),
      .consumer_spacing = environment.Millis("CONSUMER_SPACING_MS", 15, 0, 200),
      .declare_interval = environment.Millis("DECLARE_INTERVAL_MS", 60'000, 50, 3'600'000),
      .failpoints = {},
      .stop_drain = environment.Millis("STOP_DRAIN_MS", 200, 0, 10'000),
      .stop_deadline = environment.Millis("STOP_DEADLINE_MS", 15'000, 100, 600'000),
  };
  const std::string failpoint_setting = environment.Text("FAILPOINTS", "");
  const absl::Status end = environment.Finish();
  if (!end.ok()) return end;
  if (!amqp::CheckUrl(config.amqp_url).ok()) {
    return absl::InvalidArgumentError("AMQP_URL must be amqp://user:password@host:port/vhost");
  }
  absl::StatusOr<std::string> conninfo = pg::WithSessionSettings(config.database_url);
  if (!conninfo.ok()) {
    return absl::InvalidArgumentError("DATABASE_URL must be a connection string of libpq");
  }
  config.database_url = *std::move(conninfo);
  absl::StatusOr<failpoint::Failpoints> failpoints =
      failpoint::Failpoints::Parse(failpoint_setting);
  if (!failpoints.ok()) return failpoints.status();
  config.failpoints = *std::move(failpoints);
  return config;
}

}  // namespace process
