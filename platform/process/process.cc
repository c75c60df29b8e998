#include "platform/process/process.h"

#include <cstdint>
#include <utility>

#include "platform/lifecycle/run.h"
#include "platform/messaging/outbox.h"
#include "platform/observability/log.h"
#include "platform/observability/metrics_server.h"
#include "platform/pg/transaction.h"
#include "platform/rpc/health_monitor.h"
#include "platform/rpc/server.h"

namespace process {
namespace {

constexpr absl::Duration kHealthInterval = absl::Seconds(1);

pg::PoolOptions PoolFor(const Config& config, const Identity& identity,
                        std::size_t connections_max) {
  std::vector<pg::Statement> statements = messaging::OutboxStatements();
  statements.insert(statements.end(), identity.statements.begin(), identity.statements.end());
  return {.conninfo = config.database_url,
          .statements = std::move(statements),
          .connections_max = connections_max};
}

messaging::LinkLoopOptions LinkFor(const Config& config, const std::string& name) {
  messaging::LinkLoopOptions options;
  options.link.url = config.amqp_url;
  options.link.name = name;
  return options;
}

messaging::OutboxRelayOptions RelayFor(Config& config, const Identity& identity) {
  messaging::OutboxRelayOptions options;
  options.loop = LinkFor(config, identity.name + "-relay");
  options.exchange = identity.name + ".events";
  options.batch_rows_max = config.relay_batch_rows_max;
  options.message_events_max = config.relay_message_events_max;
  options.spacing = config.relay_spacing;
  options.tick = config.relay_tick;
  options.confirm_timeout = config.confirm_timeout;
  options.after_publish = config.failpoints.At(identity.publishes + "_after_publish");
  options.after_confirm = config.failpoints.At(identity.publishes + "_after_confirm");
  options.after_delete = config.failpoints.At(identity.publishes + "_after_delete");
  return options;
}

messaging::InboxConsumerOptions ConsumerFor(Config& config, const Identity& identity) {
  messaging::InboxConsumerOptions options;
  options.loop = LinkFor(config, identity.name + "-consumer");
  options.own_exchange = identity.name + ".events";
  options.queue = identity.queue;
  options.peer_exchange = identity.peer_exchange;
  options.type = identity.event_type;
  options.prefetch_deliveries = static_cast<std::uint16_t>(config.consumer_prefetch);
  options.batch_rows_max = config.consumer_batch_rows_max;
  options.spacing = config.consumer_spacing;
  options.declare_interval = config.declare_interval;
  options.mode = identity.applies_in;
  options.before_commit = config.failpoints.At(identity.applies + "_before_commit");
  options.after_commit = config.failpoints.At(identity.applies + "_after_commit");
  options.after_ack = config.failpoints.At(identity.applies + "_after_ack");
  return options;
}

}  // namespace

Process::Process(const Config& config, Identity identity)
    : config_(config),
      identity_(std::move(identity)),
      // One more each for the relay, the consumer and the job.
      writers_(PoolFor(config_, identity_, identity_.group_commits + 3)),
      // One more for the health probe.
      readers_(PoolFor(config_, identity_, config_.read_threads + identity_.read_jobs + 1)),
      workers_({.threads = config_.read_threads, .queue_tasks_max = config_.read_queue_max}),
      relay_(writers_, RelayFor(config_, identity_)),
      outbox_([this](std::vector<messaging::OutboxMessage> messages) {
        relay_.HandOver(std::move(messages));
      }) {
  observability::StartLogging(identity_.name + "-service", config_.log_level);
}

rpc::DeadlineLimits Process::deadlines() const {
  return {.fallback = config_.call_deadline, .max = config_.call_deadline_max};
}

pg::GroupCommitOptions Process::CommitOptions(const std::string& name, const std::string& deed,
                                              pg::Database::Mode mode) {
  pg::GroupCommitOptions options;
  options.name = name;
  options.batch_rows_max = config_.commit_batch_rows_max;
  options.queue_rows_max = config_.commit_queue_rows_max;
  options.spacing = config_.commit_spacing;
  options.mode = mode;
  options.before_commit = config_.failpoints.At(deed + "_before_commit");
  options.after_commit = config_.failpoints.At(deed + "_after_commit");
  return options;
}

int Process::Run(const Business& business) {
  messaging::InboxConsumer consumer(writers_, ConsumerFor(config_, identity_), business.on_event);
  if (absl::Status known = config_.failpoints.Announce(); !known.ok()) {
    lifecycle::ExitNow("bad settings", {{"error", std::string(known.message())}});
  }
  rpc::Server::Options listen;
  listen.listen = config_.grpc_listen;
  listen.unix_socket = config_.grpc_socket;
  listen.stop_drain = config_.stop_drain;
  listen.end_streams = business.end_streams;
  std::vector<grpc::Service*> served;
  if (config_.api) served.push_back(business.api);
  rpc::Server server(std::move(listen), std::move(served));
  const auto reaches_broker = [&] {
    return (!config_.relay || relay_.connected()) && (!config_.consumer || consumer.connected());
  };
  rpc::HealthMonitor health(
      {{.name = "database",
        .need = rpc::HealthMonitor::Need::kRequired,
        .is_well = [this] { return pg::IsReachable(readers_); }},
       // Orders are taken without it.
       {.name = "broker", .need = rpc::HealthMonitor::Need::kOptional, .is_well = reaches_broker}},
      kHealthInterval,
      [&server](const std::string& name, bool serving) { server.SetServing(name, serving); });
  observability::MetricsServer metrics(config_.metrics_listen);

  // Stopped in reverse: no new calls, the running ones are answered, the batches
  // in flight end. Events not relayed by then wait in the outbox.
  std::vector<lifecycle::Service*> services{&metrics};
  if (config_.relay) services.insert(services.end(), {&relay_, business.job});
  if (config_.consumer) services.push_back(&consumer);
  if (config_.api) {
    services.insert(services.end(), business.behind_api.begin(), business.behind_api.end());
    services.push_back(&workers_);
  }
  services.insert(services.end(), {&server, &health});
  return lifecycle::RunUntilSignalled(services, config_.stop_deadline);
}

}  // namespace process
