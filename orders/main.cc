#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "orders/api/orders_handler.h"
#include "orders/api/orders_rpc.h"
#include "orders/app/create_orders.h"
#include "orders/config.h"
#include "orders/consumers/payment_processed_consumer.h"
#include "orders/events/payment_events.h"
#include "orders/store/orders_store.h"
#include "platform/amqp/link.h"
#include "platform/clock/clock.h"
#include "platform/config/environment.h"
#include "platform/lifecycle/run.h"
#include "platform/messaging/inbox_consumer.h"
#include "platform/messaging/outbox.h"
#include "platform/messaging/outbox_relay.h"
#include "platform/observability/log.h"
#include "platform/observability/metrics_server.h"
#include "platform/pg/conninfo.h"
#include "platform/pg/group_commit.h"
#include "platform/pg/pool.h"
#include "platform/pg/transaction.h"
#include "platform/rpc/health_monitor.h"
#include "platform/rpc/server.h"
#include "platform/rpc/worker_pool.h"

namespace {

using lifecycle::ExitNow;
using lifecycle::Service;

pg::Pool NewPool(const std::string& conninfo, std::vector<pg::Statement> statements,
                 std::size_t connections_max) {
  return pg::Pool({.conninfo = conninfo,
                   .statements = std::move(statements),
                   .connections_max = connections_max});
}

std::vector<pg::Statement> AllStatements() {
  std::vector<pg::Statement> all = messaging::OutboxStatements();
  for (const pg::Statement& statement : orders::OrdersStatements()) all.push_back(statement);
  return all;
}

messaging::LinkLoopOptions Loop(const orders::Config& config, const char* link_name) {
  messaging::LinkLoopOptions loop;
  loop.link.url = config.amqp_url;
  loop.link.name = link_name;
  return loop;
}

messaging::OutboxRelayOptions RelayOptions(const orders::Config& config) {
  messaging::OutboxRelayOptions options;
  options.loop = Loop(config, "orders-relay");
  options.exchange = "orders.events";
  options.batch_rows_max = config.relay_batch_rows_max;
  options.tick = config.relay_tick;
  options.confirm_timeout = config.confirm_timeout;
  return options;
}

messaging::InboxConsumerOptions ConsumerOptions(const orders::Config& config) {
  messaging::InboxConsumerOptions options;
  options.loop = Loop(config, "orders-consumer");
  options.own_exchange = "orders.events";
  options.queue = "orders.payment-processed";
  options.peer_exchange = "payments.events";
  options.type = orders::kPaymentProcessedType;
  options.prefetch_deliveries = static_cast<std::uint16_t>(config.consumer_prefetch);
  options.batch_rows_max = config.consumer_batch_rows_max;
  return options;
}

}  // namespace

int main() {
  lifecycle::BlockSignals();
  const absl::StatusOr<orders::Config> read = orders::ReadConfig(config::Environment());
  if (!read.ok()) ExitNow("bad settings", {{"error", std::string(read.status().message())}});
  const orders::Config& config = *read;
  observability::StartLogging("orders-service", config.log_level);
  const absl::Status amqp_url = amqp::CheckUrl(config.amqp_url);
  const absl::StatusOr<std::string> conninfo = pg::WithTimeLimits(config.database_url);
  if (!amqp_url.ok()) ExitNow("bad settings", {{"error", "AMQP_URL: not an amqp:// URL"}});
  if (!conninfo.ok()) ExitNow("bad settings", {{"error", "DATABASE_URL: not libpq's form"}});

  // Reads have connections of their own: a slow one holds no commit up.
  const clocks::SystemClock clock;
  pg::Pool writers = NewPool(*conninfo, AllStatements(), 3);
  pg::Pool readers = NewPool(*conninfo, AllStatements(), config.read_threads + 1);

  messaging::OutboxRelay relay(writers, RelayOptions(config));
  const auto wake_relay = [&relay] { relay.Wake(); };
  messaging::InboxConsumer consumer(writers, ConsumerOptions(config), orders::OnPaymentProcessed,
                                    [] {});

  orders::OrdersHandler::CreateCommit create_commit(
      writers,
      {.name = "create_orders",
       .batch_rows_max = config.commit_batch_rows_max,
       .queue_rows_max = config.commit_queue_rows_max,
       .spacing = config.commit_spacing,
       .retry = {}},
      orders::CreateOrders, wake_relay);
  rpc::WorkerPool workers(
      {.threads = config.read_threads, .queue_tasks_max = config.read_queue_max});
  const orders::OrdersHandler handler(create_commit, readers, clock);
  orders::OrdersRpc service(
      handler, workers, {.fallback = config.call_deadline, .max = config.call_deadline_max});

  rpc::Server::Options listen;
  listen.listen = config.grpc_listen;
  listen.unix_socket = config.grpc_socket;
  std::vector<grpc::Service*> served;
  if (config.api) served.push_back(&service);
  rpc::Server server(std::move(listen), std::move(served));
  rpc::HealthMonitor health(
      {{.name = "database",
        .need = rpc::HealthMonitor::Need::kRequired,
        .is_well = [&readers] { return pg::IsReachable(readers); }},
       {.name = "broker",
        .need = rpc::HealthMonitor::Need::kOptional,
        .is_well =
            [&] {
              return (!config.relay || relay.connected()) &&
                     (!config.consumer || consumer.connected());
            }}},
      absl::Seconds(1),
      [&server](const std::string& name, bool serving) { server.SetServing(name, serving); });
  observability::MetricsServer metrics(config.metrics_listen);

  // Stopped in reverse: first no new calls, then the running ones are answered,
  // then what they committed is relayed as far as time allows.
  std::vector<Service*> services{&metrics};
  if (config.relay) services.push_back(&relay);
  if (config.consumer) services.push_back(&consumer);
  if (config.api) services.insert(services.end(), {&create_commit, &workers});
  services.insert(services.end(), {&server, &health});
  return lifecycle::RunUntilSignalled(services, config.stop_deadline);
}
