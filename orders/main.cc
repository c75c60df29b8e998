#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "orders/api/orders_handler.h"
#include "orders/api/orders_rpc.h"
#include "orders/app/create_orders.h"
#include "orders/app/get_settled_orders.h"
#include "orders/app/order_watchers.h"
#include "orders/consumers/payment_processed_consumer.h"
#include "orders/events/payment_events.h"
#include "orders/jobs/sweeper.h"
#include "orders/jobs/watch_options.h"
#include "orders/jobs/watch_poll.h"
#include "orders/store/orders_store.h"
#include "orders/store/sweep_store.h"
#include "platform/clock/clock.h"
#include "platform/config/environment.h"
#include "platform/lifecycle/run.h"
#include "platform/process/config.h"
#include "platform/process/process.h"
#include "platform/rpc/streams.h"

namespace {

std::vector<pg::Statement> AllStatements() {
  std::vector<pg::Statement> all = orders::OrdersStatements();
  for (const pg::Statement& statement : orders::SweepStatements()) all.push_back(statement);
  return all;
}

}  // namespace

int main() {
  lifecycle::BlockSignals();
  config::Environment environment;
  const orders::SweeperOptions sweeper_options = orders::ReadSweeperOptions(environment);
  const orders::WatchOptions watch_options = orders::ReadWatchOptions(environment);
  const absl::StatusOr<process::Config> config = process::ReadConfig(
      std::move(environment), {.grpc_listen = "127.0.0.1:9080",
                               .metrics_listen = "127.0.0.1:9180",
                               .database_url = "host=127.0.0.1 port=5433 dbname=orders "
                                               "user=orders_service password=orders_service",
                               .amqp_url = "amqp://orders:orders@127.0.0.1:5672/"});
  if (!config.ok()) {
    lifecycle::ExitNow("bad settings", {{"error", std::string(config.status().message())}});
  }
  const clocks::SystemClock clock;
  process::Process process(*config, {.name = "orders",
                                     .queue = "orders.payment-processed",
                                     .peer_exchange = "payments.events",
                                     .event_type = std::string(orders::kPaymentProcessedType),
                                     .publishes = "request",
                                     .applies = "settle",
                                     .applies_in = pg::Database::Mode::kStatements,
                                     .statements = AllStatements(),
                                     .group_commits = 1,
                                     .read_jobs = 1});

  orders::OrdersHandler::CreateCommit create_commit(
      process.writers(),
      process.CommitOptions("create_orders", "create", pg::Database::Mode::kStatements),
      [&process](pg::Tx& tx, std::span<const orders::CreateOrderCommand> commands) {
        return orders::CreateOrders(tx, commands, process.outbox());
      });
  orders::OrderWatchers watchers;
  orders::WatchPoll watch_poll(
      [&process](std::span<const orders::OrderId> ids) {
        return orders::GetSettledOrders(process.readers(), ids);
      },
      watchers, watch_options.poll_interval);
  rpc::Streams watches(watch_options.watchers_max);
  const orders::OrdersHandler handler(create_commit, process.readers(), watchers, clock);
  orders::OrdersRpc api(handler, process.workers(), watches, process.deadlines(),
                        watch_options.time_max);

  orders::Sweeper sweeper(process.writers(), sweeper_options, process.outbox(),
                          [&process] { return process.relay_connected(); });

  return process.Run({.api = &api,
                      .behind_api = {&create_commit, &watch_poll},
                      .on_event =
                          [&](pg::Tx& tx, std::span<const messaging::Delivery> deliveries) {
                            return orders::OnPaymentProcessed(tx, deliveries, watchers);
                          },
                      .job = &sweeper,
                      .end_streams = [&watches] { watches.EndAll(); }});
}
