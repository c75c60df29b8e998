#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "payments/api/payments_handler.h"
#include "payments/api/payments_rpc.h"
#include "payments/app/create_accounts.h"
#include "payments/app/top_up_accounts.h"
#include "payments/consumers/payment_requested_consumer.h"
#include "payments/events/payment_events.h"
#include "payments/jobs/inbox_cleaner.h"
#include "payments/store/accounts_store.h"
#include "payments/store/books_store.h"
#include "payments/store/payments_store.h"
#include "platform/clock/clock.h"
#include "platform/config/environment.h"
#include "platform/lifecycle/run.h"
#include "platform/process/config.h"
#include "platform/process/process.h"

namespace {

std::vector<pg::Statement> AllStatements() {
  std::vector<pg::Statement> all = payments::AccountsStatements();
  for (const pg::Statement& statement : payments::BooksStatements()) all.push_back(statement);
  for (const pg::Statement& statement : payments::PaymentsStatements()) all.push_back(statement);
  return all;
}

}  // namespace

int main() {
  lifecycle::BlockSignals();
  config::Environment environment;
  const payments::InboxCleanerOptions cleaner_options =
      payments::ReadInboxCleanerOptions(environment);
  const absl::StatusOr<process::Config> config = process::ReadConfig(
      std::move(environment), {.grpc_listen = "127.0.0.1:9081",
                               .metrics_listen = "127.0.0.1:9181",
                               .database_url = "host=127.0.0.1 port=5434 dbname=payments "
                                               "user=payments_service password=payments_service",
                               .amqp_url = "amqp://payments:payments@127.0.0.1:5672/"});
  if (!config.ok()) {
    lifecycle::ExitNow("bad settings", {{"error", std::string(config.status().message())}});
  }
  const clocks::SystemClock clock;
  process::Process process(*config, {.name = "payments",
                                     .queue = "payments.payment-requested",
                                     .peer_exchange = "orders.events",
                                     .event_type = std::string(payments::kPaymentRequestedType),
                                     .publishes = "answer",
                                     .applies = "charge",
                                     .statements = AllStatements(),
                                     .group_commits = 2});

  payments::PaymentsHandler::CreateCommit create_commit(
      process.writers(), process.CommitOptions("create_accounts", "create_account"),
      payments::CreateAccounts);
  payments::PaymentsHandler::TopUpCommit top_up_commit(
      process.writers(), process.CommitOptions("top_up_accounts", "top_up"),
      payments::TopUpAccounts);
  const payments::PaymentsHandler handler(create_commit, top_up_commit, process.readers(), clock);
  payments::PaymentsRpc api(handler, process.workers(), process.deadlines());

  payments::InboxCleaner inbox_cleaner(process.writers(), cleaner_options);

  return process.Run({.api = &api,
                      .behind_api = {&create_commit, &top_up_commit},
                      .on_event =
                          [&](pg::Tx& tx, std::span<const messaging::Delivery> deliveries) {
                            return payments::OnPaymentRequested(tx, deliveries, clock.Now(),
                                                                process.outbox());
                          },
                      .job = &inbox_cleaner});
}
