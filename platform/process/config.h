#ifndef PLATFORM_PROCESS_CONFIG_H_
#define PLATFORM_PROCESS_CONFIG_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/config/environment.h"
#include "platform/failpoint/failpoint.h"

namespace process {

// What one service's knobs are unless given; the others are the same for all.
struct Defaults {
  std::string grpc_listen;
  std::string metrics_listen;
  std::string database_url;
  std::string amqp_url;
};

// All knobs of a service process: environment variable, meaning, unit.
struct Config {
  // LOG_LEVEL: debug, info, warning or error.
  std::string log_level;

  // ROLES: which of api, relay and consumer this copy is; all of them unless
  // given. Any number of copies of each is correct. The relay also does what the
  // service does at an interval: its business's job.
  bool api = false;
  bool relay = false;
  bool consumer = false;

  // GRPC_LISTEN, host:port of the typed API. Whoever reaches it is believed who
  // they say they are: do not expose it to the world.
  std::string grpc_listen;
  // GRPC_SOCKET, path of a unix socket to listen on as well; none if empty.
  std::string grpc_socket;
  // METRICS_LISTEN, host:port of GET /metrics.
  std::string metrics_listen;
  // DATABASE_URL, libpq's connection string; may name several hosts.
  std::string database_url;
  // AMQP_URL, amqp://user:password@host:port/vhost.
  std::string amqp_url;

  // CALL_DEADLINE_MS: for a call that came without a deadline.
  absl::Duration call_deadline;
  // CALL_DEADLINE_MAX_MS: later deadlines are cut to this.
  absl::Duration call_deadline_max;

  // READ_THREADS, each with a database connection. More: reads queue less;
  // fewer: the machine is left to the writes.
  std::size_t read_threads = 0;
  // READ_QUEUE_MAX: reads waiting for a thread; further ones are OVERLOADED.
  std::size_t read_queue_max = 0;

  // COMMIT_BATCH_ROWS_MAX: commands in one transaction.
  std::size_t commit_batch_rows_max = 0;
  // COMMIT_QUEUE_ROWS_MAX: commands waiting; further ones are OVERLOADED.
  std::size_t commit_queue_rows_max = 0;
  // COMMIT_SPACING_MS between batch starts. More: bigger batches, cheaper
  // commits; less: quicker answers under load. An idle caller never waits.
  absl::Duration commit_spacing;

  // RELAY_BATCH_ROWS_MAX: events published together.
  std::size_t relay_batch_rows_max = 0;
  // RELAY_MESSAGE_EVENTS_MAX: events packed into one message. With 1 each goes alone, as to
  // consumers of a version that knows no batches.
  std::size_t relay_message_events_max = 0;
  // RELAY_SPACING_MS between the starts of two batches that were handed over. At most 200 ms:
  // other relays leave such events alone for 500.
  absl::Duration relay_spacing;
  // RELAY_TICK_MS: how often the whole outbox is read for rows that others left.
  absl::Duration relay_tick;
  // CONFIRM_TIMEOUT_MS: the wait for the broker's confirms of a batch. At most 9 s:
  // with the publishing it stays below idle_in_transaction_session_timeout.
  absl::Duration confirm_timeout;

  // CONSUMER_PREFETCH: messages held unacknowledged.
  std::size_t consumer_prefetch = 0;
  // CONSUMER_BATCH_ROWS_MAX: events applied in one transaction, or those of one message.
  std::size_t consumer_batch_rows_max = 0;
  // CONSUMER_SPACING_MS between the starts of two batches.
  absl::Duration consumer_spacing;
  // DECLARE_INTERVAL_MS: how often the consumer declares its queue and bindings anew, for
  // somebody may have deleted a binding, which nothing else tells.
  absl::Duration declare_interval;

  // FAILPOINTS: where this process is to die or to dawdle, for tests; see
  // failpoint.h. None unless given.
  failpoint::Failpoints failpoints;

  // STOP_DRAIN_MS: from SIGTERM to the end of listening, for clients who watch
  // the health to turn to another copy.
  absl::Duration stop_drain;
  // STOP_DEADLINE_MS: from SIGTERM to the exit at the latest.
  absl::Duration stop_deadline;
};

// INVALID_ARGUMENT names every setting that has the wrong form, or else the first URL or failpoint
// that cannot be used, and repeats no value: it may hold a password. DATABASE_URL comes back with
// time limits (conninfo.h).
absl::StatusOr<Config> ReadConfig(config::Environment environment, const Defaults& defaults);

}  // namespace process

#endif  // PLATFORM_PROCESS_CONFIG_H_
